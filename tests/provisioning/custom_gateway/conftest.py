from collections.abc import Callable

import pytest
from django.test import Client

from portal.accounts.models import User
from portal.audit.actors import Actor
from portal.devtools.sandbox.control import Control
from portal.tenants.models import Tenant
from provisioning.models import Setup
from provisioning.wizard.actions import begin_setup
from tests.provisioning.custom_gateway import gateway
from tests.provisioning.kaleyra import Visitor


@pytest.fixture
def empty_draft(actor: Actor, tenant: Tenant) -> Setup:
    """A draft without any answer."""
    return begin_setup(actor, tenant, "custom_gateway")


@pytest.fixture
def draft(actor: Actor, tenant: Tenant) -> Setup:
    """A complete draft, whose gateway nobody answers for."""
    return gateway.complete_draft(actor, tenant)


@pytest.fixture
def at_good(
    transactional_db: None, actor: Actor, tenant_at_sandbox: Tenant, sandbox: Control, wake_ups: list[str]
) -> Setup:
    """A complete draft, whose gateway is the sandbox's good one."""
    return gateway.draft_at(actor, tenant_at_sandbox, sandbox, "good")


@pytest.fixture
def visitor(empty_draft: Setup, administrator: User, client_of: Callable[[User], Client]) -> Visitor:
    """The administrator at an empty draft."""
    return Visitor(client_of(administrator), empty_draft)


@pytest.fixture
def reviewer(draft: Setup, administrator: User, client_of: Callable[[User], Client]) -> Visitor:
    """The administrator at a complete draft."""
    return Visitor(client_of(administrator), draft)
