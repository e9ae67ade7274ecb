from collections.abc import Callable

import pytest
from django.test import Client

from portal.accounts.models import User
from portal.audit.actors import Actor
from portal.tenants.models import Tenant
from senders.models import SenderId
from tests.senders.senders import add


@pytest.fixture
def sender(actor: Actor, tenant: Tenant) -> SenderId:
    """The guide's example, complete and not pasted yet."""
    return add(actor, tenant)


@pytest.fixture
def client(administrator: User, client_of: Callable[[User], Client]) -> Client:
    """The administrator's browser."""
    return client_of(administrator)
