import pytest
from django.core.exceptions import ValidationError

from portal.audit.actors import Actor
from portal.tenants.models import Tenant
from senders.actions import SenderFacts, add_senders, change_sender, draft_sender
from senders.models import SenderId

pytestmark = pytest.mark.django_db


def test_a_number_with_and_without_its_leading_1_is_one_sender_id(actor: Actor, tenant: Tenant) -> None:
    first = draft_sender(actor, tenant.pk, number="650 466 1149", provider="Portico")
    assert first.number == "16504661149"
    assert draft_sender(actor, tenant.pk, number="+1 650 466 1149", provider="Portico") == first
    with pytest.raises(ValidationError, match="16504661149 is a sender ID of this tenant already"):
        add_senders(actor, tenant.pk, [SenderFacts("6504661149")])
    other = draft_sender(actor, tenant.pk, number="16504661150", provider="Portico")
    with pytest.raises(ValidationError, match="16504661149 is a sender ID of this tenant already"):
        change_sender(actor, other, SenderFacts("6504661149"))
    assert change_sender(actor, other, SenderFacts("(650) 466-1150")).number == "16504661150"
    assert SenderId.objects.count() == 2


@pytest.mark.parametrize("number", ["67890.0", "1/2/2026", "10.5.3.1", "+65 6234 5678", "(844) 55", "1.8E+10"])
def test_what_is_no_number_is_kept_by_none_of_them(actor: Actor, tenant: Tenant, number: str) -> None:
    there = draft_sender(actor, tenant.pk, number="22345", provider="Portico")
    with pytest.raises(ValidationError):
        draft_sender(actor, tenant.pk, number=number, provider="Portico")
    with pytest.raises(ValidationError):
        add_senders(actor, tenant.pk, [SenderFacts(number)])
    with pytest.raises(ValidationError):
        change_sender(actor, there, SenderFacts(number))
    assert list(SenderId.objects.values_list("number", flat=True)) == ["22345"]
