"""Fixtures of the sign-in: browsers that sign in as a person does, and the history that this leaves."""

import re
import time
from collections.abc import Callable

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from bs4 import BeautifulSoup
from django.core import mail
from django.test import Client

from portal.accounts.models import User
from portal.audit.event_lookup import fields
from portal.audit.models import Event
from portal.identity.models import PasswordResetMail
from portal.identity.tasks import send_reset_link
from tests.support.cast import PASSWORD


@pytest.fixture(autouse=True)
def _counted_in_redis(redis: object) -> None:
    """What was used, and how often somebody failed, is counted in Redis, which starts empty."""


def sign_in(user: User, password: str = PASSWORD) -> Client:
    """Give address and password; whoever has a second factor is asked for it next."""
    client = Client()
    client.post("/accounts/login/", {"login": user.email, "password": password})
    return client


def is_in(client: Client) -> bool:
    return client.get("/tenants/").status_code == 200


def prove(client: Client) -> None:
    """Give the password once more."""
    client.post("/accounts/reauthenticate/", {"password": PASSWORD, "next": "/accounts/"})


def link_for(email: str) -> str:
    """Ask for a link to choose another password, let a worker send it, and return its path as the e-mail has it."""
    assert Client().post("/accounts/password/reset/", {"email": email})["Location"] == "/accounts/password/reset/sent/"
    for row in PasswordResetMail.objects.all():
        send_reset_link(str(row.pk))
    found = re.search(r"http://localhost:8000(/\S+)", str(mail.outbox[-1].body)) if mail.outbox else None
    return found[1] if found else ""


def code_for(secret: str, periods_ahead: int = 0) -> str:
    """The code that an app shows."""
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30 + periods_ahead)))


def enrol(client: Client) -> tuple[str, list[str]]:
    """Set up an app, as a person who has proved who they are; return its key and the recovery codes."""
    page = BeautifulSoup(client.get("/accounts/second-factor/app/").content, "html.parser")
    secret = page.select_one(".facts [data-copy]")
    assert secret is not None
    key = str(secret["data-copy"])
    answer = client.post("/accounts/second-factor/app/", {"code": code_for(key)}, follow=True)
    codes = BeautifulSoup(answer.content, "html.parser").select(".recovery-codes code")
    return key, [code.text for code in codes]


@pytest.fixture
def frozen(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Stand at the beginning of a period of codes; `frozen(31)` goes on by so many seconds."""
    start = int(time.time()) // 30 * 30 + 1.0
    now = [start]
    monkeypatch.setattr("allauth.mfa.totp.internal.auth.time.time", lambda: now[0])

    def go_on(seconds: float) -> None:
        now[0] += seconds

    return go_on


def verbs() -> list[str]:
    """What the site's history says, in order."""
    return list(Event.objects.filter(chain="site").order_by("seq").values_list("verb", flat=True))


def last(verb: str) -> dict[str, object]:
    """The newest line of this verb."""
    return fields(Event.objects.filter(verb=verb).latest("seq"))
