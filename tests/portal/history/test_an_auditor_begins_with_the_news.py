from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from portal.accounts.actions import grant_role
from portal.accounts.models import User
from portal.accounts.rights import Role
from portal.audit.actors import command_line
from portal.history.digest import MOST_TENANTS
from portal.history.models import LastVisit
from portal.tenants.actions import add_tenants, edit_tenant
from portal.tenants.models import Tenant

ClientOf = Callable[[User], Client]


def start(client: Client) -> str:
    return BeautifulSoup(client.get("/").content, "html.parser").select_one("main").get_text(" ", strip=True)  # type: ignore[union-attr]  # a page without it fails here


@pytest.fixture
def was_here(auditor: User) -> LastVisit:
    """The auditor was here, after all that made the cast."""
    return LastVisit.objects.create(user=auditor, at=timezone.now() - timedelta(hours=1))


def set_back(visit: LastVisit, **since: int) -> None:
    LastVisit.objects.filter(pk=visit.pk).update(at=timezone.now() - timedelta(**since))


def test_it_is_the_start_page_of_who_only_reads(
    client_of: ClientOf, auditor: User, administrator: User, tenant: Tenant
) -> None:
    assert "Since your last visit" in start(client_of(auditor))
    assert client_of(administrator).get("/")["Location"] == "/tenants/"
    grant_role(command_line(), user=auditor, tenant_id=tenant.pk, role=Role.ADMINISTRATOR)
    assert client_of(auditor).get("/")["Location"] == "/tenants/"


def test_all_quiet_when_nothing_happened(client_of: ClientOf, auditor: User, was_here: LastVisit) -> None:
    LastVisit.objects.update(at=timezone.now(), before=timezone.now() + timedelta(minutes=1))
    assert "All quiet" in start(client_of(auditor))


def test_news_stay_while_the_auditor_comes_and_goes_and_end_with_the_visit(
    client_of: ClientOf, auditor: User, was_here: LastVisit, tenant: Tenant
) -> None:
    client = client_of(auditor)
    assert "Tenants" in start(client)
    assert start(client).count("line") == start(client).count("line") > 0
    set_back(was_here, hours=1)  # the visit ended an hour ago
    LastVisit.objects.update(before=None)
    assert "Acme" in start(client)


def test_unusual_things_stand_first_and_every_count_leads_to_its_lines(
    client_of: ClientOf, auditor: User, tenant: Tenant
) -> None:
    edit_tenant(command_line(), tenant, name="Acme 2")
    client = client_of(auditor)
    page = BeautifulSoup(client.get("/").content, "html.parser")
    first = page.select_one("#unusual")
    assert first
    assert "granted a role" in first.get_text()
    links = {str(a["href"]): a.get_text(strip=True) for a in page.select("dl.facts a")}
    assert len(links) >= 3
    for url, count in links.items():
        shown = BeautifulSoup(client.get(url).content, "html.parser").select("main table.list tbody > tr strong")
        assert len(shown) == int(count.split()[0])


def test_nothing_of_other_tenants_is_told(
    client_of: ClientOf, auditor: User, other_tenant: Tenant, outsider: User
) -> None:
    assert "Globex" not in start(client_of(auditor))


def test_the_page_asks_the_database_as_often_for_many_tenants_as_for_one(
    client_of: ClientOf, auditor: User, tenant: Tenant, other_tenant: Tenant
) -> None:
    asked = []
    for _ in range(2):
        client = client_of(auditor)  # a new role ends the sessions of before
        with CaptureQueriesContext(connection) as captured:
            start(client)
        asked.append(len(captured))
        grant_role(command_line(), user=auditor, tenant_id=other_tenant.pk, role=Role.AUDITOR)
    assert asked[1] <= asked[0] <= 22


def test_those_to_which_most_happened_are_named_and_the_others_are_a_link(
    client_of: ClientOf, auditor: User, tenant: Tenant
) -> None:
    others = [Tenant(name=f"Centre {n:02}", ccid=uuid4(), nexus_url="http://127.0.0.1:9") for n in range(MOST_TENANTS)]
    add_tenants(command_line(), others)
    for other in others:
        grant_role(command_line(), user=auditor, tenant_id=other.pk, role=Role.AUDITOR)
    edit_tenant(command_line(), tenant, name="Acme 2")
    client = client_of(auditor)
    page = BeautifulSoup(client.get("/").content, "html.parser")
    named = [heading.get_text() for heading in page.select("main h2")]
    assert ("Acme 2" in named, len(named)) == (True, 1 + MOST_TENANTS)
    [more] = [link for link in page.select("main a") if link.get_text() == "1 more tenant"]
    shown = BeautifulSoup(client.get(str(more["href"])).content, "html.parser").get_text()
    assert all(other.name in shown for other in others)
