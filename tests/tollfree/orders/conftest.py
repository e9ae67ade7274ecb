"""A tenant that may order at the sandbox, two representatives, and the orders that they make."""

import pytest

from genesys_cloud import access as accesses
from genesys_cloud.access import Access
from portal.accounts.models import User
from portal.accounts.permission import person
from portal.accounts.rights import Role
from portal.audit.actors import Actor
from portal.devtools.sandbox.control import Control
from portal.tenants.models import Tenant
from tests.support.cast import new_member
from tests.support.wake_ups import heard
from tests.tollfree.orders import buying
from tollfree.orders.models import NumberOrder


@pytest.fixture
def ordering(access: Access, monkeypatch: pytest.MonkeyPatch) -> Access:
    """The tenant's client of Genesys Cloud, as a finished set-up would lend it."""
    monkeypatch.setattr(accesses, "_answers", [lambda tenant: access if tenant.pk == access.tenant_id else None])
    return access


@pytest.fixture
def buyer(representative: User) -> Actor:
    """A representative of Acme."""
    return person(representative)


@pytest.fixture
def second(tenant: Tenant) -> Actor:
    """Another representative of Acme."""
    return person(new_member("second", tenant, Role.REPRESENTATIVE))


@pytest.fixture
def wake_ups(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ids that were published, instead of a queue that a live worker listens to."""
    return heard(monkeypatch)


@pytest.fixture
def queued(buyer: Actor, tenant: Tenant, ordering: Access, sandbox: Control, wake_ups: list[str]) -> NumberOrder:
    """An order that waits for a worker."""
    return buying.order(buyer, tenant)
