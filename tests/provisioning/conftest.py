from collections.abc import Callable

import pytest
from django.test import Client

from portal.accounts.models import User
from portal.audit.actors import Actor
from portal.tenants.models import Tenant
from provisioning.models import Setup
from provisioning.wizard.actions import begin_setup
from tests.provisioning import kaleyra
from tests.provisioning.kaleyra import Visitor
from tests.support.wake_ups import heard


@pytest.fixture
def wake_ups(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ids that were published, instead of a queue that a live worker listens to."""
    return heard(monkeypatch)


@pytest.fixture
def empty_draft(actor: Actor, tenant: Tenant) -> Setup:
    """A draft without any answer."""
    return begin_setup(actor, tenant, "kaleyra")


@pytest.fixture
def draft(actor: Actor, tenant_at_sandbox: Tenant) -> Setup:
    """A complete draft that would be sent to the sandbox."""
    return kaleyra.complete_draft(actor, tenant_at_sandbox)


@pytest.fixture
def queued(actor: Actor, tenant_at_sandbox: Tenant, wake_ups: list[str]) -> Setup:
    """A set-up that waits for a worker and will be sent to the sandbox."""
    return kaleyra.queued(actor, tenant_at_sandbox)


@pytest.fixture
def visitor(empty_draft: Setup, administrator: User, client_of: Callable[[User], Client]) -> Visitor:
    """The administrator at an empty draft."""
    return Visitor(client_of(administrator), empty_draft)


@pytest.fixture
def reviewer(draft: Setup, administrator: User, client_of: Callable[[User], Client]) -> Visitor:
    """The administrator at a complete draft."""
    return Visitor(client_of(administrator), draft)


@pytest.fixture
def onlooker(queued: Setup, administrator: User, client_of: Callable[[User], Client]) -> Visitor:
    """The administrator at a set-up that was started."""
    return Visitor(client_of(administrator), queued)
