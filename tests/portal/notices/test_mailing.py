"""One e-mail that is not sent silences none of the others, and is told in words where a person should know."""

import smtplib
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.db.models import QuerySet
from django.test import Client
from django.utils import timezone

from portal.accounts.models import User
from portal.accounts.rights import Role
from portal.audit.actors import Actor
from portal.audit.event_lookup import fields
from portal.audit.models import Event
from portal.audit.verbs import Verb
from portal.notifications import kinds, mailing
from portal.notifications.kinds import Kind
from portal.notifications.mailing import KIND, tell, undelivered
from portal.notifications.models import OutboxMessage
from portal.tenants.models import Tenant
from tests.support.cast import new_member
from tests.support.sweeping import sweep
from tests.support.wake_ups import heard
from tollfree.requests.actions import send_request
from tollfree.requests.models import NumberRequest, RequestKind

pytestmark = [pytest.mark.databases, pytest.mark.django_db(transaction=True)]

REFUSED = smtplib.SMTPRecipientsRefused({"anna@example.com": (550, b"anna@example.com unknown")})


def addressed() -> list[str]:
    return sorted(address for each in mail.outbox for address in each.to)


@pytest.fixture
def anna(tenant: Tenant) -> User:
    """The first of three for whom something waits."""
    anna, _, _ = (new_member(name, tenant, Role.REPRESENTATIVE) for name in ("anna", "bea", "zoe"))
    return anna


@pytest.fixture
def row(actor: Actor, tenant: Tenant, anna: User, monkeypatch: pytest.MonkeyPatch) -> OutboxMessage:
    """What is to be told to the three."""
    heard(monkeypatch)
    send_request(actor, tenant, kind=RequestKind.SHORT_CODE, note="x")
    return OutboxMessage.objects.get()


@pytest.fixture
def fail_for_anna(monkeypatch: pytest.MonkeyPatch) -> Callable[[Exception], None]:
    send = EmailMessage.send

    def plant(error: Exception) -> None:
        def refusing(self: EmailMessage, *given: bool) -> int:
            if self.to == ["anna@example.com"]:
                raise error
            return send(self, *given)

        monkeypatch.setattr(EmailMessage, "send", refusing)

    return plant


@pytest.mark.parametrize(
    "error",
    [
        REFUSED,
        smtplib.SMTPServerDisconnected("gone"),
        smtplib.SMTPSenderRefused(451, b"later", "portal@example.com"),
        TimeoutError(),
        UnicodeEncodeError("ascii", "\u00e4", 0, 1, "no"),
        ValueError("no address"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_e_mail_that_is_not_sent_silences_none_of_the_others(
    error: Exception, row: OutboxMessage, fail_for_anna: Callable[[Exception], None], caplog: pytest.LogCaptureFixture
) -> None:
    fail_for_anna(error)
    for _ in range(4):
        tell(row.pk)
        OutboxMessage.objects.update(published_at=timezone.now() - timedelta(minutes=6))
        assert sweep(KIND) == 1
    assert addressed() == ["bea@example.com", "zoe@example.com"]
    logged = [each.getMessage() for each in caplog.records if each.name == mailing.__name__]
    assert len(logged) == 1
    assert "anna@example.com" not in logged[0]


def test_when_it_can_be_sent_it_is_and_the_trouble_is_over(
    row: OutboxMessage, fail_for_anna: Callable[[Exception], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    send = EmailMessage.send
    fail_for_anna(REFUSED)
    tell(row.pk)
    assert undelivered() is not None
    monkeypatch.setattr(EmailMessage, "send", send)
    tell(row.pk)
    assert addressed() == ["anna@example.com", "bea@example.com", "zoe@example.com"]
    assert undelivered() is None
    row.refresh_from_db()
    assert row.over_at is not None


def test_who_cannot_be_written_to_is_told_to_those_who_can_mend_it(
    row: OutboxMessage,
    anna: User,
    fail_for_anna: Callable[[Exception], None],
    site_administrator: User,
    client_of: Callable[[User], Client],
) -> None:
    fail_for_anna(REFUSED)
    tell(row.pk)
    client = client_of(site_administrator)
    page = client.get("/operations/").text
    assert "could not be sent to one person (SMTPRecipientsRefused, 550)" in page
    assert "anna@" not in page
    assert "E-mails do not arrive" in client.get(f"/people/{anna.pk}/").text
    assert "E-mails do not arrive" not in client.get(f"/people/{site_administrator.pk}/").text

    OutboxMessage.objects.update(at=timezone.now() - timedelta(hours=25), published_at=None)
    sweep(KIND)
    event = Event.objects.get(verb=Verb.WORK_GIVEN_UP)
    assert "could be told by e-mail within a day (SMTPRecipientsRefused, 550)" in fields(event)["reason"]
    row.refresh_from_db()
    assert row.over_at is not None


def test_a_question_that_fails_for_one_person_is_asked_for_the_others(
    row: OutboxMessage, anna: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = kinds.kind_of("request")
    assert request is not None
    known = request

    def fail_for_anna(user: User) -> QuerySet[NumberRequest]:
        if user == anna:
            raise ZeroDivisionError
        return known.rows(user)

    with monkeypatch.context() as broken:
        broken.setattr(kinds, "_kinds", {"request": Kind("request", request.label, fail_for_anna, request.notice)})
        tell(row.pk)
    assert addressed() == ["bea@example.com", "zoe@example.com"]


def test_each_e_mail_has_the_whole_lease(row: OutboxMessage, monkeypatch: pytest.MonkeyPatch) -> None:
    leases: list[object] = []
    send = EmailMessage.send

    def look(self: EmailMessage, *given: bool) -> int:
        leases.append(OutboxMessage.objects.get().lease_until)
        return send(self, *given)

    monkeypatch.setattr(EmailMessage, "send", look)
    tell(row.pk)
    assert len(set(leases)) == 3
