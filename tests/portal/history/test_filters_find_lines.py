import csv
import io
from collections.abc import Callable
from urllib.parse import urlencode

import pytest
from bs4 import BeautifulSoup
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from portal.accounts.models import User
from portal.accounts.permission import person
from portal.audit.actors import SYSTEM, command_line
from portal.audit.context import acting
from portal.audit.models import Event
from portal.audit.recording import NewEvent, Target, record_many
from portal.audit.verbs import Verb
from portal.history import search
from portal.tenants.actions import add_tenant, edit_tenant
from portal.tenants.models import Tenant
from senders.actions import SenderFacts, add_senders, change_sender

pytestmark = [pytest.mark.databases]

ClientOf = Callable[[User], Client]


def page(client: Client, **query: object) -> BeautifulSoup:
    return BeautifulSoup(client.get(f"/history/?{urlencode(query)}").content, "html.parser")


def found(client: Client, **query: object) -> list[str]:
    """The targets of the lines on the page."""
    return [row.get_text() for row in page(client, **query).select("main table.list tbody td strong")]


def write(tenant: Tenant, *names: str, verb: Verb = Verb.TENANT_CHANGED, request_id: str = "") -> None:
    lines = [NewEvent(verb, Target("thing", name, name), tenant.pk) for name in names]
    with transaction.atomic(), acting(request_id):
        record_many(lines, SYSTEM)


@pytest.fixture
def reader(client_of: ClientOf, auditor: User, tenant: Tenant) -> Client:
    """An auditor, with a few lines to look for."""
    write(tenant, "Größe", "100%", "a_b", 'say "hi"', "axb", verb=Verb.SENDER_DONE)
    write(tenant, "secret", verb=Verb.CREDENTIAL_REVEALED, request_id="a-click")
    return client_of(auditor)


@pytest.mark.parametrize(
    ("query", "targets"),
    [
        ({"q": "Größe"}, ["Größe"]),
        ({"q": "GRö"}, ["Größe"]),
        ({"q": "0%"}, ["100%"]),
        ({"q": "a_b"}, ["a_b"]),
        ({"q": 'y "h'}, ['say "hi"']),
        ({"q": "' OR 1=1 --"}, []),
        ({"q": "label"}, []),
        ({"q": "personal"}, []),
        ({"q": "AUDITOR@ex"}, ["auditor@example.com"]),
        ({"kind": "unusual"}, ["secret", "auditor@example.com"]),
        ({"kind": "credential", "q": "secret"}, ["secret"]),
        ({"kind": "sender.done", "q": "axb"}, ["axb"]),
        ({"kind": "no such kind"}, []),
        ({"target": "thing:axb"}, ["axb"]),
        ({"target": "nonsense"}, []),
        ({"request": "a-click"}, ["secret"]),
        ({"person": "portal", "kind": "credential"}, ["secret"]),
        ({"person": "nobody@example.com"}, []),
        ({"since": "2999-01-01"}, []),
        ({"until": "1999-01-01"}, []),
        ({"since": "0001-01-01", "until": "9999-12-31", "q": "axb"}, ["axb"]),
        ({"since": "rubbish", "until": "2026-02-31T99", "q": "axb"}, ["axb"]),
        ({"q": "\x00axb"}, ["axb"]),
    ],
)
def test_a_filter_shows_the_lines_that_are_like_it(reader: Client, query: dict[str, str], targets: list[str]) -> None:
    assert found(reader, **query) == targets


def test_lines_of_a_tenant_out_of_reach_are_found_by_no_filter(
    client_of: ClientOf, auditor: User, outsider: User, other_tenant: Tenant
) -> None:
    edit_tenant(person(outsider), other_tenant, name="Globex 2")
    theirs = Event.objects.filter(chain=str(other_tenant.pk)).latest("id")
    reader = client_of(auditor)
    for query in (
        {"q": "Globex"},
        {"target": f"tenant:{other_tenant.pk}"},
        {"person": outsider.email},
        {"person": theirs.actor_text},
        {"kind": "tenant.changed"},
    ):
        assert "Globex" not in " ".join(found(reader, **query))
    assert reader.get(f"/history/{theirs.chain}/{theirs.seq}/").status_code == 404
    assert reader.get("/history/site/1/").status_code == 404


@pytest.fixture
def many(auditor: User, tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twelve tenants of one auditor, more than a page has lines, and walks that stop early."""
    monkeypatch.setattr("portal.history.views.PAGE", 4)
    monkeypatch.setattr(search, "SCAN", 6)
    for number in range(12):
        other = add_tenant(command_line(), name=f"T{number}", ccid=f"{number:032x}", nexus_url="http://127.0.0.1:9")  # type: ignore[arg-type]  # no such keyword is of another type
        auditor.memberships.create(tenant=other, role="auditor")
        write(other, *(f"{number}-{turn}" for turn in range(number % 3)))


def walk(client: Client, link: str, url: str) -> list[list[str]]:
    """The lines' addresses on all pages, by following a link; one that searches further back counts as one."""
    pages: list[list[str]] = []
    while url:
        shown = BeautifulSoup(client.get(url).content, "html.parser")
        here = [str(a["href"]) for a in shown.select("td[data-label=When] > a, .history-rest a")]
        pages.append(here)
        further = shown.select_one(".callout a")
        following = shown.select_one(f".pager a[rel={link}]") or further
        url = f"/history/{following['href']}" if following else ""
        assert len(pages) < 200
    return pages


@pytest.mark.parametrize(
    "query", ["", "q=1-", "kind=tenant", "kind=tenant&q=-1", "kind=unusual", "person=portal", "person=portal&q=0"]
)
def test_pages_through_many_chains_hold_every_line_once_and_in_order(
    client_of: ClientOf, auditor: User, many: None, query: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_of(auditor)
    seen = [url for each in walk(client, "next", f"/history/?{query}") for url in each]
    monkeypatch.setattr("portal.history.views.PAGE", 1000)
    monkeypatch.setattr(search, "SCAN", 10_000)
    (all_at_once,) = walk(client, "next", f"/history/?{query}")
    assert seen == all_at_once
    assert len(set(seen)) == len(seen)


def test_the_way_back_shows_the_pages_that_were_there(client_of: ClientOf, auditor: User, many: None) -> None:
    client = client_of(auditor)
    there: list[str] = []
    url = "/history/"
    for _ in range(3):
        shown = BeautifulSoup(client.get(url).content, "html.parser")
        there.append(str(shown.select("td[data-label=When] > a")))
        older = shown.select_one(".pager a[rel=next]")
        assert older
        url = f"/history/{older['href']}"
    for expected in reversed(there):
        newer = BeautifulSoup(client.get(url).content, "html.parser").select_one(".pager a[rel=prev]")
        assert newer
        url = f"/history/{newer['href']}"
        assert str(BeautifulSoup(client.get(url).content, "html.parser").select("td[data-label=When] > a")) == expected


@pytest.mark.parametrize("query", [{}, {"q": "T"}, {"kind": "unusual"}, {"person": "portal"}])
def test_every_page_asks_the_database_a_fixed_number_of_times_and_counts_nothing(
    client_of: ClientOf, auditor: User, many: None, query: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_of(auditor)
    monkeypatch.setattr(search, "SCAN", 10_000)
    asked = []
    for size in (2, 50):
        monkeypatch.setattr("portal.history.views.PAGE", size)
        with CaptureQueriesContext(connection) as captured:
            page(client, **query)
        asked.append(len(captured))
        assert not [each["sql"] for each in captured if "COUNT(" in each["sql"] and "audit_" in each["sql"]]
    # With room for all, the page also asks where its walk ended.
    assert max(asked) - min(asked) <= 3
    assert max(asked) <= 16


def test_a_line_has_an_address_of_its_own_with_its_proof(client_of: ClientOf, auditor: User, tenant: Tenant) -> None:
    edit_tenant(command_line(), tenant, name="Acme 2")
    event = Event.objects.filter(chain=str(tenant.pk)).latest("seq")
    text = client_of(auditor).get(f"/history/{event.chain}/{event.seq}/").content.decode()
    for words in ("name: Acme → Acme 2", event.hash, event.prev, "The hashed bytes", "Line before"):
        assert words in text
    assert client_of(auditor).get(f"/history/{event.chain}/{event.seq + 1}/").status_code == 404


def test_a_number_that_moves_is_told_in_a_sentence(client_of: ClientOf, auditor: User, tenant: Tenant) -> None:
    (sender,) = add_senders(command_line(), tenant.pk, [SenderFacts("18445551212", "Main", "Main", provider="Async")])
    change_sender(command_line(), sender, SenderFacts("18445551212", "Main", "Main", provider="Portico"))
    rows = page(client_of(auditor), target=f"sender:{sender.pk}").select("main table.list tbody tr")
    assert "+1 844 555 1212 moved from Async to Portico" in rows[0].get_text(" ", strip=True)


def test_the_shown_lines_come_as_csv_and_the_download_is_a_line(reader: Client, tenant: Tenant) -> None:
    write(tenant, "=1+1")
    answer = reader.get("/history/lines.csv?q=1")
    read = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode(), newline="")))  # type: ignore[attr-defined]  # the answer is a stream
    assert [row["target_label"] for row in read] == ["'=1+1", "100%"]
    assert read[0]["hash"] == Event.objects.get(chain=str(tenant.pk), seq=read[0]["seq"]).hash
    newest = Event.objects.latest("id")
    assert (newest.verb, newest.actor_kind) == (Verb.HISTORY_EXPORTED, "person")
