import pytest

from genesys_cloud.access import Access
from genesys_cloud.responses import TollfreeNumber
from portal.audit.actors import SYSTEM
from portal.audit.models import Event, PersonalText
from tests.tollfree.orders.buying import NUMBER
from tollfree.inventory.reconciliation import reconcile


@pytest.mark.parametrize("listed", ["sales/emea@example.com", '"Bob B"@example.com', "nobody"])
def test_the_e_mail_address_that_a_list_shows_can_be_erased_whatever_its_form(listed: str, access: Access) -> None:
    reconcile(SYSTEM, access, [TollfreeNumber(NUMBER, "ACTIVE", "", "")])
    reconcile(SYSTEM, access, [TollfreeNumber(NUMBER, "ACTIVE", "", "", email=listed)])
    event = Event.objects.get(verb="number.changed")
    assert listed.encode() not in bytes(event.canonical)
    assert PersonalText.objects.filter(text__iexact=listed).exists()
