"""A link to choose another password: asked for in the same way by everybody, and sent by a worker."""

import re
import smtplib
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from portal.accounts.models import User
from portal.audit.event_lookup import fields
from portal.audit.models import Event
from portal.audit.verbs import Verb
from portal.identity.models import PasswordResetMail
from portal.identity.reset_mail import KIND
from portal.identity.tasks import send_reset_link
from tests.support.cast import new_person
from tests.support.sweeping import sweep
from tests.support.wake_ups import heard

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("redis")]
RESET = "/accounts/password/reset/"
UNKNOWN = "nobody@example.com"
VALUES = re.compile(r"'[^']*'|\b[0-9a-f]{32}\b|\d+(\.\d+)?")


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    return heard(monkeypatch)


def ask(email: str, address: str = "192.0.2.1", **headers: str) -> Any:
    return Client().post(RESET, {"email": email}, REMOTE_ADDR=address, headers=headers)


def work(published: list[str]) -> None:
    """Do what the messages ask a worker to do."""
    while published:
        send_reset_link(published.pop(0))


def away(*_: Any, **__: Any) -> None:
    raise smtplib.SMTPServerDisconnected("away")


def sent_links() -> list[Event]:
    return list(Event.objects.filter(verb=Verb.PASSWORD_RESET_ASKED))


@pytest.mark.databases
def test_the_page_does_the_same_for_every_address(administrator: User, published: list[str]) -> None:
    new_person("disabled")
    User.objects.filter(email="disabled@example.com").update(is_active=False)
    ask("warm@example.com")  # what is cached on the way is cached now
    seen = []
    for number, email in enumerate((administrator.email, UNKNOWN, "disabled@example.com")):
        published.clear()
        with CaptureQueriesContext(connection) as queries:
            answer = ask(email, f"192.0.2.{number + 10}")
            statements = [each["sql"] for each in queries.captured_queries]
        page = Client().get(answer["Location"]).text
        said = [VALUES.sub("?", sql) for sql in statements]
        assert [sql for sql in said if "identity_passwordresetmail" in sql], said
        assert not [sql for sql in said if "accounts_user" in sql], said
        seen.append((answer.status_code, answer["Location"], len(page), len(published), said))
    assert seen[0] == seen[1] == seen[2]
    assert mail.outbox == []
    assert sent_links() == []


@pytest.mark.databases
def test_a_worker_writes_to_who_signs_in_with_it_and_forgets_what_was_typed(
    administrator: User, published: list[str]
) -> None:
    new_person("disabled")
    User.objects.filter(email="disabled@example.com").update(is_active=False)
    for email in (UNKNOWN, "disabled@example.com", administrator.email):
        ask(email)
    assert PasswordResetMail.objects.count() == 3
    work(published)
    assert [message.to for message in mail.outbox] == [[administrator.email]]
    assert not PasswordResetMail.objects.exists()
    assert len(sent_links()) == 1


def test_a_link_is_sent_once_however_often_the_message_comes(administrator: User, published: list[str]) -> None:
    ask(administrator.email)
    work(published * 3)
    assert len(mail.outbox) == 1


def test_the_history_says_where_it_was_asked_for(administrator: User, published: list[str]) -> None:
    answer = ask(administrator.email, "198.51.100.7")
    work(published)
    (event,) = sent_links()
    told = fields(event)
    assert told["request"] == answer["X-Request-ID"]
    assert told["address"], "where it came from"
    assert told["target"]["id"] == str(administrator.pk)


@pytest.mark.parametrize(
    "portal_url", ["https://portal.example.com", "https://portal.example.com:8443", "https://example.com/sms"]
)
def test_the_link_names_the_portals_own_address_whatever_host_the_browser_names(
    administrator: User, published: list[str], settings: Settings, portal_url: str
) -> None:
    settings.ALLOWED_HOSTS, settings.PORTAL_URL = ["*"], portal_url
    ask(administrator.email, Host="evil.example", X_Forwarded_Host="evil.example")
    work(published)
    (message,) = mail.outbox
    body = str(message.body)
    assert re.search(
        rf"^{re.escape(portal_url)}/accounts/password/reset/key/[0-9a-f]{{32}}-[\w-]+/$", body, re.MULTILINE
    )
    assert "evil.example" not in body + message.subject + str(message.extra_headers)


def test_the_link_goes_to_the_address_of_the_account_and_not_to_what_was_typed(
    administrator: User, published: list[str]
) -> None:
    for typed in ("ADMINISTRATOR@Example.com", " administrator@example.com "):
        ask(typed)
    work(published)
    assert [message.to for message in mail.outbox] == [[administrator.email]] * 2


@pytest.mark.parametrize("email", ["administrator@example.com", UNKNOWN])
def test_an_address_is_asked_for_five_times_a_minute_in_any_spelling(
    administrator: User, published: list[str], email: str
) -> None:
    spellings = [email, email.upper(), email.title(), f" {email}", email.replace("e", "E"), email]
    answers = [ask(spelling, f"192.0.2.{number}").status_code for number, spelling in enumerate(spellings)]
    assert answers == [302] * 5 + [429]
    assert len(published) == 5


def test_a_client_asks_twenty_times_a_minute(published: list[str]) -> None:
    answers = [ask(f"person{number}@example.com").status_code for number in range(22)]
    assert answers == [302] * 20 + [429] * 2
    assert len(published) == 20


def test_a_mail_server_that_is_away_is_asked_again_and_silences_nobody_else(
    administrator: User,
    auditor: User,
    published: list[str],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    send = EmailMessage.send

    def refuse_one(self: EmailMessage, *given: bool) -> int:
        if self.to == [administrator.email]:
            raise smtplib.SMTPRecipientsRefused({administrator.email: (550, b"administrator@example.com unknown")})
        return send(self, *given)

    ask(administrator.email)
    ask(auditor.email)
    with monkeypatch.context() as patched:
        patched.setattr(EmailMessage, "send", refuse_one)
        for _ in range(3):
            work(published)
            PasswordResetMail.objects.filter(published_at__isnull=False).update(
                published_at=timezone.now() - timedelta(minutes=2)
            )
            sweep(KIND)
    assert [message.to for message in mail.outbox] == [[auditor.email]]
    warnings = [each.getMessage() for each in caplog.records if each.name == "portal.identity.reset_mail"]
    assert len(warnings) == 1
    assert "@" not in warnings[0]
    assert len(sent_links()) == 1, "only of what was sent"
    work(published)
    assert [message.to for message in mail.outbox] == [[auditor.email], [administrator.email]]
    assert len(sent_links()) == 2


def test_a_link_that_no_mail_server_took_within_an_hour_is_given_up_in_words(
    administrator: User, published: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(administrator.email)
    ask(UNKNOWN)
    with monkeypatch.context() as patched:
        patched.setattr(EmailMessage, "send", away)
        send_reset_link(published[0])
    PasswordResetMail.objects.update(asked_at=timezone.now() - timedelta(minutes=61), published_at=None)
    work(published)
    assert mail.outbox == []
    sweep(KIND)
    assert published == []
    assert not PasswordResetMail.objects.exists()
    (event,) = Event.objects.filter(verb=Verb.WORK_GIVEN_UP)
    assert fields(event)["target"]["id"] == str(administrator.pk)
    assert "within an hour" in fields(event)["reason"]


def test_a_lost_message_is_made_up_for(administrator: User, published: list[str]) -> None:
    ask(administrator.email)
    published.clear()
    PasswordResetMail.objects.update(published_at=timezone.now() - timedelta(minutes=2))
    sweep(KIND)
    work(published)
    assert len(mail.outbox) == 1


def test_a_live_worker_sends_it(administrator: User, start_worker: Callable[..., Any], tmp_path: Path) -> None:
    start_worker(EMAIL_URL=f"filemail:///{tmp_path}")
    ask(administrator.email)
    deadline = time.monotonic() + 20
    while PasswordResetMail.objects.exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    (written,) = tmp_path.iterdir()
    assert "http://localhost:8000/accounts/password/reset/key/" in written.read_text()
