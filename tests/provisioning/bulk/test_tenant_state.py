"""The state of many tenants is the same as that of each alone."""

from portal.tenants.models import Tenant
from provisioning.bulk.tenant_state import tenant_states_of
from provisioning.models import Setup
from provisioning.runs.active_option import active_option
from tests.provisioning.apply.conftest import ACME, GLOBEX, Apply, file_of


def test_the_active_option_is_the_same_even_if_its_set_up_was_discarded(apply: Apply) -> None:
    apply(file_of(ACME, GLOBEX))
    Setup.objects.update(state="discarded")
    found = {each.tenant: each.active_option for each in tenant_states_of(Tenant.objects.all())}
    assert found == {tenant: active_option(tenant) for tenant in Tenant.objects.all()}
    assert sorted(map(str, found.values())) == ["custom_gateway", "kaleyra"]
