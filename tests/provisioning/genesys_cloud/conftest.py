from collections.abc import Callable

import pytest
from django.test import Client

from portal.accounts.models import User
from portal.audit.actors import Actor
from portal.tenants.models import Tenant
from provisioning.models import Setup
from provisioning.wizard.actions import begin_setup
from tests.provisioning.genesys_cloud import cloud
from tests.provisioning.kaleyra import Visitor


@pytest.fixture
def draft(actor: Actor, tenant_at_sandbox: Tenant) -> Setup:
    """A complete draft that would be sent to the sandbox."""
    return cloud.complete_draft(actor, tenant_at_sandbox)


@pytest.fixture
def queued(actor: Actor, tenant_at_sandbox: Tenant, wake_ups: list[str]) -> Setup:
    """A set-up that waits for a worker and will be sent to the sandbox."""
    return cloud.queued(actor, tenant_at_sandbox)


@pytest.fixture
def visitor(
    actor: Actor, tenant_at_sandbox: Tenant, administrator: User, client_of: Callable[[User], Client]
) -> Visitor:
    """The administrator at an empty draft."""
    return Visitor(client_of(administrator), begin_setup(actor, tenant_at_sandbox, "genesys_cloud"))


@pytest.fixture
def tester(
    actor: Actor, tenant_at_sandbox: Tenant, administrator: User, client_of: Callable[[User], Client]
) -> Visitor:
    """The administrator at a draft with an organisation and an OAuth client."""
    return Visitor(client_of(administrator), cloud.draft_to(actor, tenant_at_sandbox, "credentials"))
