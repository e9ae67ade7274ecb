"""Brute force: at most ten guesses of an account are evaluated in 15 minutes, and thirty from one address."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any
from unittest.mock import patch

import pytest
from allauth.account.adapter import get_adapter
from allauth.core.context import request_context
from django.core import mail
from django.core.exceptions import ValidationError
from django.test import Client, RequestFactory
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from portal.accounts.models import User
from portal.audit.models import Event
from portal.core.tasks import publish
from portal.identity.lockout import NOBODY, one_spelling
from portal.identity.tasks import tell_of_lock
from tests.support.cast import PASSWORD

LOCKED = "Too many failed login attempts"
pytestmark = pytest.mark.usefixtures("redis")


@contextmanager
def evaluated() -> Iterator[list[str]]:
    """The addresses whose passwords were looked at."""
    seen: list[str] = []

    def look(_backend: Any, _request: Any, **credentials: Any) -> None:
        seen.append(credentials["email"])

    with patch("allauth.account.auth_backends.AuthenticationBackend._authenticate", look):
        yield seen


def guess(login: str, address: str = "192.0.2.1", password: str = "", host: str = "localhost") -> Any:
    form = {"login": login, "password": password or "wrong"}
    return Client().post("/accounts/login/", form, REMOTE_ADDR=address, headers={"Host": host})


def guess_without_a_page(login: str, address: str) -> None:
    """The same at the door that every guess goes through; a thousand pages would take half a minute to draw."""
    request = RequestFactory().post("/accounts/login/", REMOTE_ADDR=address)
    with request_context(request), suppress(ValidationError):
        get_adapter(request).authenticate(request, email=login, password="wrong")


def locks() -> int:
    return Event.objects.filter(verb="sign_in.locked").count()


def test_a_thousand_guesses_over_twenty_addresses_on_one_account(administrator: User) -> None:
    with evaluated() as seen:
        for number in range(1000):
            guess_without_a_page(administrator.email, f"192.0.2.{number % 20}")
    assert len(seen) == 10
    assert locks() == 1


def test_one_address_over_two_hundred_accounts(db: None) -> None:
    with evaluated() as seen:
        answers = [guess(f"person{number}@example.com") for number in range(200)]
    assert len(seen) == 30
    assert answers[-1].status_code == 429
    assert "Error 429" in answers[-1].text


@pytest.mark.parametrize("exists", [True, False])
def test_it_looks_the_same_whether_the_account_exists_or_not(administrator: User, *, exists: bool) -> None:
    login = administrator.email if exists else "nobody@example.com"
    pages = [guess(login, f"192.0.2.{number}").text for number in range(11)]
    assert [LOCKED in page for page in pages] == [False] * 10 + [True]
    assert locks() == 1


def test_spellings_and_hosts_give_no_further_guesses(administrator: User, settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["a.example", "b.example"]
    spellings = [
        administrator.email,
        administrator.email.upper(),
        "admini\u017ftrator@example.com",
        "adm\u0131nistrator@example.com",
    ]
    with evaluated() as seen:
        for number in range(30):
            guess(spellings[number % 4], f"192.0.2.{number}", host=f"{'ab'[number % 2]}.example")
    assert len(seen) == 10
    assert len({one_spelling(spelling) for spelling in spellings}) == 1


def test_the_right_password_does_not_help_while_it_is_locked_and_costs_nothing_before(administrator: User) -> None:
    for number in range(9):
        guess(administrator.email, f"192.0.2.{number}")
    assert guess(administrator.email, password=PASSWORD).status_code == 302
    guess(administrator.email)
    assert LOCKED in guess(administrator.email, "192.0.2.77", PASSWORD).text


def test_guesses_at_the_step_up_count_too(client_of: Callable[[User], Client], administrator: User) -> None:
    client = client_of(administrator)
    with evaluated() as seen:
        for _ in range(15):
            client.post("/accounts/reauthenticate/", {"password": "wrong"})
    assert len(seen) == 10


def test_the_person_is_told_once_and_nobody_else(
    administrator: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with (
        patch.object(publish, "_relay_put") as put,
        django_capture_on_commit_callbacks(execute=True),
    ):
        for number in range(13):
            guess(administrator.email, f"192.0.2.{number}")
    sent = [call.args[0] for call in put.call_args_list]
    [wake_up] = [each for each in sent if each.task.endswith("tell_of_lock")]
    tell_of_lock(wake_up.row_id)
    tell_of_lock(str(NOBODY))
    [message] = mail.outbox
    assert message.to == [administrator.email]
    assert "locked for 15 minutes" in message.body


def test_without_redis_nobody_signs_in_and_a_sentence_says_so(administrator: User, settings: Settings) -> None:
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/0"}}
    with evaluated() as seen:
        answer = guess(administrator.email, password=PASSWORD)
    assert answer.status_code == 503
    assert "cannot reach its queue" in answer.text
    assert not seen
