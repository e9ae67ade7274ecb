from genesys_cloud.access import Access
from portal.accounts.models import User
from portal.devtools.sandbox.control import Control
from portal.tenants.models import Tenant
from tests.tollfree.inventory.stories import NUMBER, an_order, refreshed
from tollfree.inventory.models import OwnedNumber
from tollfree.inventory.order_hooks import take_in


def test_a_completed_order_takes_over_the_row_that_a_refresh_made(
    representative: User, tenant: Tenant, set_up: Access, sandbox: Control
) -> None:
    sandbox.genesys_cloud.put_number(NUMBER)
    refreshed(representative, tenant)
    row = OwnedNumber.objects.get()
    order = an_order(set_up)
    assert take_in(order).pk == row.pk
    assert OwnedNumber.objects.get().order == order
