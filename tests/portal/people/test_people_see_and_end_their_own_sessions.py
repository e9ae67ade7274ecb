from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from portal.accounts.models import Session, User
from portal.audit.models import Event
from portal.people.sessions.views import browser_words
from tests.support.pages import pages

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
ClientOf = Callable[[User], Client]


@pytest.fixture
def client(client_of: ClientOf, administrator: User) -> Client:
    return client_of(administrator)


def handle_of(client: Client) -> str:
    return str(Session.objects.get(pk=client.session.session_key).handle)


def is_in(client: Client) -> bool:
    return client.get("/tenants/").status_code == 200


def test_the_page_lists_ones_own_and_never_a_key(
    client: Client, client_of: ClientOf, administrator: User, auditor: User
) -> None:
    other, foreign = client_of(administrator), client_of(auditor)
    Session.objects.filter(pk=other.session.session_key).update(user_agent=FIREFOX, address="192.0.2.7")
    Session.objects.filter(pk=foreign.session.session_key).update(address="192.0.2.99")
    page = client.get("/accounts/sessions/").text
    assert "Firefox on Linux" in page
    assert "192.0.2.7" in page
    assert page.count("This session") == 1
    assert "192.0.2.99" not in page
    assert handle_of(foreign) not in page
    assert not [row.pk for row in Session.objects.all() if row.pk in page]


def test_one_is_ended_and_the_history_says_so(client: Client, client_of: ClientOf, administrator: User) -> None:
    other = client_of(administrator)
    client.post(f"/accounts/sessions/{handle_of(other)}/end/")
    assert (is_in(client), is_in(other)) == (True, False)
    assert Event.objects.filter(verb="session.ended", actor_id=administrator.pk).count() == 1


def test_all_others_are_ended(client: Client, client_of: ClientOf, administrator: User) -> None:
    others = [client_of(administrator) for _ in range(3)]
    client.post("/accounts/sessions/end-others/")
    assert is_in(client)
    assert not [other for other in others if is_in(other)]


def test_ending_the_present_one_signs_out(client: Client) -> None:
    answer = client.post(f"/accounts/sessions/{handle_of(client)}/end/")
    assert answer.headers["Location"] == "/accounts/login/"
    assert not is_in(client)


def test_somebody_elses_answers_like_none(client: Client, client_of: ClientOf, auditor: User) -> None:
    foreign = client_of(auditor)
    mine = client.post(f"/accounts/sessions/{handle_of(foreign)}/end/")
    none = client.post("/accounts/sessions/45acae06-6b7c-4f97-9c76-471cb5c21bf7/end/")
    assert (mine.status_code, none.status_code) == (404, 404)
    assert is_in(foreign)


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (FIREFOX, "Firefox on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Safari/604.1", "Safari on an iPhone"),
        ("", "An unknown browser"),
    ],
)
def test_browsers_are_called_as_people_know_them(user_agent: str, words: str) -> None:
    assert browser_words(user_agent) == words


def test_very_many_are_on_pages_and_the_present_one_on_each(client: Client, administrator: User) -> None:
    now = timezone.now()
    rows = [
        Session(session_key=f"s{n:02}", user=administrator, expire_date=now + timedelta(hours=1), last_seen_at=now)
        for n in range(30)
    ]
    Session.objects.bulk_create(rows)
    seen = list[str]()
    for page in pages(client, "/accounts/sessions/"):
        assert page.get_text().count("This session") == 1
        seen += [str(form["action"]) for form in page.select("table form")][1:]
    assert sorted(seen) == sorted(f"/accounts/sessions/{row.handle}/end/" for row in rows)
