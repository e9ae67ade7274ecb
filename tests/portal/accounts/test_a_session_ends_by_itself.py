"""Idle and absolute limits, held wherever a session is read."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.sessions.backends.base import UpdateError
from django.test import Client
from django.utils import timezone

from portal.accounts.models import Session, User
from portal.accounts.sessions import end_sessions, sessions_of
from portal.tenants.models import Tenant
from tests.support.cast import PASSWORD

SIGN_IN = "/accounts/login/?next=/tenants/"


@pytest.fixture
def client(client_of: Callable[[User], Client], administrator: User) -> Client:
    return client_of(administrator)


def age(**back: float) -> None:
    """Let the session have been seen, or have begun, so many seconds ago."""
    now = timezone.now()
    Session.objects.update(**{field: now - timedelta(seconds=seconds) for field, seconds in back.items()})


def is_in(client: Client, **headers: str) -> bool:
    return client.get("/tenants/", headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("aged", "why"),
    [
        ({"last_seen_at": 1801}, "idle"),
        ({"started_at": 36_001}, "old"),
        ({"started_at": 36_001, "last_seen_at": 1}, "old"),
    ],
)
def test_a_session_past_a_limit_leads_to_the_sign_in_which_says_why(
    client: Client, aged: dict[str, float], why: str
) -> None:
    age(**aged)
    answer = client.get("/tenants/")
    assert answer.headers["Location"] == f"{SIGN_IN}&ended={why}"
    assert "You were signed out" in client.get(answer.headers["Location"]).text
    assert not Session.objects.filter(user__isnull=False).exists()


def test_a_session_within_both_limits_holds(client: Client) -> None:
    age(last_seen_at=1790, started_at=35_990)
    assert is_in(client)


def test_a_request_keeps_the_session_and_a_part_that_refreshes_itself_does_not(client: Client) -> None:
    age(last_seen_at=1700)
    assert is_in(client, HX_Request="true")
    age_left = timezone.now() - Session.objects.get().last_seen_at
    assert age_left > timedelta(seconds=1690)
    assert is_in(client)
    assert timezone.now() - Session.objects.get().last_seen_at < timedelta(seconds=60)


def test_an_open_run_page_that_only_refreshes_itself_is_sent_to_the_sign_in(client: Client) -> None:
    age(last_seen_at=1801)
    answer = client.get("/tenants/", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, "/accounts/login/?ended=idle")


def test_presence_is_written_once_a_minute_at_most(client: Client) -> None:
    age(last_seen_at=59)
    seen = Session.objects.get().last_seen_at
    assert is_in(client)
    assert Session.objects.get().last_seen_at == seen
    age(last_seen_at=61)
    assert is_in(client)
    assert Session.objects.get().last_seen_at > seen


def test_a_view_that_asks_nobody_for_a_sign_in_sees_no_ended_session(client: Client) -> None:
    age(last_seen_at=1801)
    assert client.get("/accounts/login/").status_code == 200  # a signed-in person would be sent on


def test_a_session_ended_from_elsewhere_is_out_at_once_and_says_so(client: Client, administrator: User) -> None:
    assert end_sessions(administrator.pk) == 1
    assert client.get("/tenants/").headers["Location"] == f"{SIGN_IN}&ended=gone"


def test_one_session_can_be_kept(client: Client, client_of: Callable[[User], Client], administrator: User) -> None:
    other = client_of(administrator)
    assert end_sessions(administrator.pk, keep=client.session.session_key) == 1
    assert (is_in(client), is_in(other)) == (True, False)


def test_nobody_elses_sessions_end(client: Client, auditor: User) -> None:
    assert end_sessions(auditor.pk) == 0
    assert is_in(client)


def test_a_stranger_with_a_made_up_session_is_just_a_stranger(db: None) -> None:
    client = Client()
    client.cookies["sessionid"] = "nonsense"
    assert client.get("/tenants/").headers["Location"].startswith(SIGN_IN)


def test_signing_in_rotates_the_key_and_begins_the_times_anew(redis: object, administrator: User) -> None:
    client = Client()
    client.session.save()
    stranger = client.session
    stranger["was"] = "here"
    stranger.save()
    client.cookies["sessionid"] = stranger.session_key or ""
    age(started_at=1000)
    client.post("/accounts/login/", {"login": administrator.email, "password": PASSWORD}, headers={"User-Agent": "A"})
    [mine] = sessions_of(administrator.pk)
    assert mine.pk != stranger.session_key
    assert not Session.objects.filter(pk=stranger.session_key).exists()
    assert timezone.now() - mine.started_at < timedelta(seconds=60)
    assert (mine.address, mine.user_agent) == ("127.0.0.1", "A")


def test_ending_a_session_in_the_middle_of_a_request_lets_it_save_nothing(
    client: Client, administrator: User, tenant: Tenant
) -> None:
    session = client.session
    session["draft"] = 1
    end_sessions(administrator.pk)
    with pytest.raises(UpdateError):
        session.save()
    assert not Session.objects.exists()
