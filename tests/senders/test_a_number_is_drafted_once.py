import pytest
from django.core.exceptions import PermissionDenied

from portal.accounts.models import User
from portal.accounts.permission import person
from portal.audit.actors import Actor
from portal.audit.models import Event
from portal.tenants.models import Tenant
from senders.actions import draft_sender
from senders.models import SenderId


def test_a_second_time_changes_nothing_and_adds_no_event(actor: Actor, tenant: Tenant) -> None:
    first = draft_sender(actor, tenant.pk, number="+1 650 466 1140", provider="mGage")
    events = Event.objects.count()
    again = draft_sender(actor, tenant.pk, number="16504661140", provider="Async")
    assert again == first
    assert SenderId.objects.get().provider == "mGage"
    assert Event.objects.count() == events


def test_two_tenants_may_have_the_same_number(
    actor: Actor, tenant: Tenant, other_tenant: Tenant, outsider: User
) -> None:
    draft_sender(actor, tenant.pk, number="12345", provider="mGage")
    draft_sender(person(outsider), other_tenant.pk, number="12345", provider="mGage")
    assert SenderId.objects.count() == 2


def test_an_auditor_drafts_none(auditor: User, tenant: Tenant) -> None:
    with pytest.raises(PermissionDenied):
        draft_sender(person(auditor), tenant.pk, number="12345", provider="mGage")
    assert not SenderId.objects.exists()
