from datetime import timedelta

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.utils import timezone

from portal.accounts.models import User
from portal.accounts.permission import person
from portal.accounts.rights import Role
from portal.audit.actors import Actor
from portal.notifications.mailing import KIND, tell
from portal.notifications.models import OutboxMessage
from portal.tenants.models import Tenant
from tests.support import sweeping
from tests.support.cast import new_member
from tests.tollfree.inventory.stories import owned
from tollfree.inventory.actions import track_verification
from tollfree.inventory.models import Verification
from tollfree.requests.actions import send_request, withdraw_request
from tollfree.requests.models import NumberRequest, RequestKind


@pytest.fixture
def asked(actor: Actor, tenant: Tenant, representative: User) -> NumberRequest:
    return send_request(actor, tenant, kind=RequestKind.SHORT_CODE, note="secret plans")


def sweep() -> int:
    return sweeping.sweep(KIND)


def addressed() -> list[str]:
    return sorted(address for each in mail.outbox for address in each.to)


def test_those_for_whom_it_waits_are_told_and_nobody_else(asked: NumberRequest, tenant: Tenant, auditor: User) -> None:
    new_member("second", tenant, Role.REPRESENTATIVE)
    row = OutboxMessage.objects.get()
    tell(row.pk)
    tell(row.pk)
    assert addressed() == ["representative@example.com", "second@example.com"]
    sent = mail.outbox[0]
    assert sent.subject == "SMS Portal: Requests to the representative, Acme"
    assert "“Waits for me”" in sent.body
    assert "secret plans" not in sent.body
    assert "http" not in sent.body


def test_a_tenants_name_does_not_break_the_subject(asked: NumberRequest, tenant: Tenant) -> None:
    Tenant.objects.filter(pk=tenant.pk).update(name="Acme\r\nBcc: eve@example.com")
    tell(OutboxMessage.objects.get().pk)
    assert addressed() == ["representative@example.com"]
    assert "\n" not in mail.outbox[0].subject


def test_what_waits_no_more_is_not_told(asked: NumberRequest, actor: Actor) -> None:
    withdraw_request(actor, asked)
    tell(OutboxMessage.objects.get().pk)
    assert mail.outbox == []
    assert OutboxMessage.objects.get().over_at is not None


def test_a_mail_server_that_is_away_is_asked_again_and_nobody_is_told_twice(
    asked: NumberRequest, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    new_member("second", tenant, Role.REPRESENTATIVE)
    send = EmailMessage.send

    def fail_for_second(self: EmailMessage, *given: bool) -> int:
        if self.to == ["second@example.com"]:
            raise ConnectionRefusedError
        return send(self)

    with monkeypatch.context() as broken:
        broken.setattr(EmailMessage, "send", fail_for_second)
        tell(OutboxMessage.objects.get().pk)
    assert addressed() == ["representative@example.com"]
    assert sweep() == 0  # published a moment ago
    OutboxMessage.objects.update(published_at=timezone.now() - timedelta(minutes=6))
    assert sweep() == 1
    tell(OutboxMessage.objects.get().pk)
    assert addressed() == ["representative@example.com", "second@example.com"]
    assert sweep() == 0


def test_after_a_day_it_is_given_up(asked: NumberRequest) -> None:
    long_ago = timezone.now() - timedelta(days=2)
    OutboxMessage.objects.update(at=long_ago, published_at=long_ago)
    assert sweep() == 0
    tell(OutboxMessage.objects.get().pk)
    assert mail.outbox == []


def test_a_verification_that_needs_an_answer_is_told(tenant: Tenant, representative: User) -> None:
    number = owned(tenant)
    track_verification(person(representative), number, Verification.FORM_SENT)
    assert not OutboxMessage.objects.exists()
    track_verification(person(representative), number, Verification.NEEDS_ANSWER, note="Which site?")
    tell(OutboxMessage.objects.get().pk)
    assert addressed() == ["representative@example.com"]


def test_who_lost_the_lease_tells_nobody_more_and_ends_nothing(
    asked: NumberRequest, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    new_member("second", tenant, Role.REPRESENTATIVE)
    row, send = OutboxMessage.objects.get(), EmailMessage.send

    def outlast_the_lease(self: EmailMessage, *given: bool) -> int:
        if not mail.outbox:  # the first mail lasts so long that another worker takes over, and is at it
            OutboxMessage.objects.update(lease_until=timezone.now() + timedelta(minutes=5))
        return send(self)

    monkeypatch.setattr(EmailMessage, "send", outlast_the_lease)
    tell(row.pk)
    row.refresh_from_db()
    assert addressed() == ["representative@example.com"]
    assert (row.over_at, row.lease_until is None) == (None, False)
