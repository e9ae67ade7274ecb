"""People are found by a part of their address or name, and the filter shows a name, never a hash or an id."""

from collections.abc import Callable
from urllib.parse import urlencode

import pytest
from bs4 import BeautifulSoup
from django.test import Client

from portal.accounts.actions import disable_person
from portal.accounts.models import User
from portal.accounts.permission import person
from portal.accounts.rights import Role
from portal.audit.actors import command_line
from portal.audit.models import Event, PersonalText
from portal.evidence.actions import erase
from portal.history import people_search, search
from portal.people.actions import invite
from portal.tenants.actions import edit_tenant
from portal.tenants.models import Tenant
from tests.support.cast import new_member

pytestmark = [pytest.mark.databases]

ClientOf = Callable[[User], Client]


@pytest.fixture
def umit(tenant: Tenant) -> User:
    """Ümit Ö. of Acme, who renamed it."""
    umit = new_member("umit.oezer", tenant, Role.ADMINISTRATOR)
    User.objects.filter(pk=umit.pk).update(name="Ümit Özer_50%")
    edit_tenant(person(umit), tenant, name="Acme 2")
    return umit


@pytest.fixture
def reader(client_of: ClientOf, auditor: User) -> Client:
    return client_of(auditor)


def page(client: Client, **query: object) -> BeautifulSoup:
    return BeautifulSoup(client.get(f"/history/?{urlencode(query)}").content, "html.parser")


def rows(client: Client, **query: object) -> list[str]:
    return [row.get_text(" ", strip=True) for row in page(client, **query).select("main table.list tbody tr")]


def field(shown: BeautifulSoup) -> str:
    """What the field of the person shows."""
    [found] = shown.select("#history-person")
    return str(found["value"])


@pytest.mark.parametrize(
    "part",
    ["umit.oezer@example.com", "UMIT.OEZER@Example.COM", "umit", "OEZER", "zer@ex", "Ümit", "ümit", "ÖZER", "er_50%"],
)
def test_a_part_of_an_address_or_name_finds_in_any_case(reader: Client, umit: User, part: str) -> None:
    found = rows(reader, person=part)
    assert any("changed the tenant" in row for row in found)
    assert any("granted a role" in row for row in found), "also what was done to them"
    assert field(page(reader, person=part)) == part


@pytest.mark.parametrize("part", ["umit.zer", "%", "_", "umit.*", "(", "[a", "\\", "nobody"])
def test_what_is_no_part_finds_nothing(reader: Client, umit: User, part: str) -> None:
    found = rows(reader, person=part)
    assert not any("changed the tenant" in row for row in found) or part in {"%", "_"}  # these stand in the name


def test_a_whole_address_means_nobody_else(reader: Client, umit: User, tenant: Tenant) -> None:
    other = new_member("big-umit.oezer", tenant, Role.ADMINISTRATOR)
    edit_tenant(person(other), tenant, name="Acme 3")
    assert not any(other.email in row for row in rows(reader, person=umit.email))
    assert any(other.email in row for row in rows(reader, person="umit"))


def test_a_click_on_a_name_filters_by_that_person_and_shows_the_name(reader: Client, umit: User) -> None:
    shown = page(reader)
    [link, *_] = [a for a in shown.select("td[data-label=Who] a") if a.get_text(strip=True) == umit.email]
    filtered = BeautifulSoup(reader.get(f"/history/{link['href']}").content, "html.parser")
    assert field(filtered) == umit.email
    assert "changed the tenant" in filtered.get_text()
    assert "stored a credential" not in filtered.get_text()


def test_a_click_on_the_target_of_an_event_filters_by_that_person(reader: Client, umit: User) -> None:
    links = page(reader).select(f'td[data-label=What] a[href*="person={umit.pk}"]')
    assert links
    filtered = BeautifulSoup(reader.get(str(links[0]["href"])).content, "html.parser")
    assert field(filtered) == umit.email


def test_the_link_of_a_persons_page_shows_the_name(client_of: ClientOf, site_administrator: User, umit: User) -> None:
    site = client_of(site_administrator)
    assert field(page(site, person=umit.pk)) == umit.email


def test_the_name_behind_a_link_is_told_to_nobody_who_reads_no_event_of_it(
    reader: Client, outsider: User, other_tenant: Tenant
) -> None:
    edit_tenant(person(outsider), other_tenant, name="Globex 2")
    theirs = Event.objects.filter(chain=str(other_tenant.pk)).latest("id").actor_text
    for key in (theirs, outsider.pk):
        shown = page(reader, person=key)
        assert (field(shown), shown.select("main table.list tbody tr")) == (str(key), [])
    assert rows(reader, person="outsider") == []


def test_who_was_erased_is_found_by_the_link_alone_and_stays_unnamed(reader: Client, umit: User) -> None:
    commitment = PersonalText.objects.get(text=umit.email).pk
    erase(command_line(), umit.email, reason="asked to be forgotten")
    shown = page(reader, person=commitment)
    assert field(shown) == "(erased)"
    assert "changed the tenant" in shown.get_text()
    [hidden] = shown.select("form.filters input[type=hidden][name=person]")
    assert hidden["value"] == commitment
    assert not shown.select("#history-person[name]")
    for part in ("umit", "Ümit", umit.email):
        assert not any("changed the tenant" in row for row in rows(reader, person=part))


def test_the_command_line_is_found_by_its_name(reader: Client, umit: User) -> None:
    me = command_line().label
    assert any("stored a credential" in row for row in rows(reader, person=me.upper()))


def test_who_was_invited_and_never_came_is_found(client_of: ClientOf, site_administrator: User, tenant: Tenant) -> None:
    invite(command_line(), email="guest@example.com", tenant=tenant, role=Role.AUDITOR)
    assert any("invited" in row for row in rows(client_of(site_administrator), person="GUEST@"))


def test_events_name_the_person_to_whom_something_was_done(reader: Client, umit: User) -> None:
    assert any(f"granted a role: {umit.email}" in row for row in rows(reader))
    assert not any(umit.email.encode() in bytes(event.canonical) for event in Event.objects.all())
    erase(command_line(), umit.email, reason="asked to be forgotten")
    page_text = " ".join(rows(reader))
    assert umit.email not in page_text
    assert "granted a role: (erased" in page_text


def test_the_text_filter_finds_to_whom_it_was_done(
    client_of: ClientOf, site_administrator: User, umit: User, tenant: Tenant
) -> None:
    site = client_of(site_administrator)
    assert any("granted a role" in row for row in rows(site, q="OEZER@"))
    assert rows(site, q="[personal:") == rows(site, q=PersonalText.objects.get(text=umit.email).pk[:8]) == []
    invite(command_line(), email="guest@example.com", tenant=tenant, role=Role.AUDITOR)
    for words in ("guest", "auditor of acme"):
        assert any("guest@example.com, Auditor of Acme" in row for row in rows(site, q=words))


def test_very_many_people_are_looked_for_too(
    client_of: ClientOf, site_administrator: User, umit: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = client_of(site_administrator)
    disable_person(command_line(), umit, reason="left")
    few = rows(site, person="example.com")
    monkeypatch.setattr(search, "MOST_WALKS", 0)
    assert rows(site, person="example.com") == few != []
    assert rows(site, person="nobody@example.com") == []


def test_more_people_than_are_looked_for_is_said(reader: Client, umit: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people_search, "MOST_FOUND", 1)
    assert "More people than" in page(reader, person="e").get_text()
    assert "More people than" not in page(reader, person=umit.email).get_text()
