import pytest

from genesys_cloud.access import Access
from portal.audit.actors import command_line
from portal.devtools.sandbox.control import Control
from portal.devtools.sandbox.genesys_cloud.clients import DEMO_CLIENT_ID, DEMO_CLIENT_SECRET
from portal.tenants.models import Tenant
from portal.vault.actions import store_credential
from portal.vault.kinds import Kind


@pytest.fixture
def access(tenant: Tenant, sandbox: Control) -> Access:
    """The demo's OAuth client at the sandbox, its secret in the vault."""
    access = Access(tenant.pk, f"{sandbox.url}/login-host", f"{sandbox.url}/api-host", DEMO_CLIENT_ID)
    store_credential(command_line(), tenant.pk, Kind.CLIENT_SECRET, DEMO_CLIENT_SECRET, binding=access.binding)
    return access


@pytest.fixture
def set_up(access: Access, monkeypatch: pytest.MonkeyPatch) -> Access:
    """Acme's option is Genesys Cloud CX, as the room above would say."""
    monkeypatch.setattr(
        "genesys_cloud.access._answers", [lambda tenant: access if tenant.pk == access.tenant_id else None]
    )
    return access
