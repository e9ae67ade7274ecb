from uuid import uuid4

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from portal.tenants.models import Tenant

NUMBER = 60


@pytest.fixture
def tenants(db: None) -> list[Tenant]:
    return Tenant.objects.bulk_create(
        Tenant(name=f"Tenant {number:02}", ccid=uuid4(), nexus_url="https://x.example") for number in range(NUMBER)
    )


def names(page: BeautifulSoup) -> list[str]:
    return [tag.text for tag in page.select("main td .name")]


def walk(client: Client, url: str, rel: str) -> tuple[list[list[str]], str]:
    """The names on each page from `url` on, following the links of one kind, and the last page's URL."""
    pages = []
    while True:
        page = BeautifulSoup(client.get(url).content, "html.parser")
        pages.append(names(page))
        link = page.select_one(f".pager a[rel={rel}]")
        if link is None:
            return pages, url
        url = f"/tenants/{link['href']}"


def test_the_pages_hold_every_tenant_once_the_newest_first(site_client: Client, tenants: list[Tenant]) -> None:
    pages, _ = walk(site_client, "/tenants/", "next")
    assert [len(page) for page in pages] == [25, 25, 10]
    newest_first = Tenant.objects.order_by("-created_at", "-id").values_list("name", flat=True)
    assert [name for page in pages for name in page] == list(newest_first)


def test_the_way_back_ends_at_the_first_page(site_client: Client, tenants: list[Tenant]) -> None:
    there, last = walk(site_client, "/tenants/", "next")
    back, _ = walk(site_client, last, "prev")
    assert back[-1] == there[0]


def test_archived_tenants_have_pages_of_their_own(site_client: Client, tenants: list[Tenant]) -> None:
    Tenant.objects.update(archived_at=timezone.now())
    pages, last = walk(site_client, "/tenants/?archived=1", "next")
    assert sum(len(page) for page in pages) == NUMBER
    assert "archived=1" in last


@pytest.mark.parametrize("cursor", ["x", "W10:1:x", "'", "%00", "[1,2]", "a" * 5000])
def test_a_cursor_that_nobody_gave_shows_the_first_page(
    site_client: Client, tenants: list[Tenant], cursor: str
) -> None:
    answer = site_client.get("/tenants/", {"older": cursor})
    assert answer.status_code == 200
    assert len(names(BeautifulSoup(answer.content, "html.parser"))) == 25


def queries(client: Client) -> int:
    with CaptureQueriesContext(connection) as captured:
        client.get("/tenants/")
    return len(captured)


def test_a_long_page_asks_the_database_as_often_as_a_short_one(site_client: Client, tenant: Tenant) -> None:
    short = queries(site_client)
    Tenant.objects.bulk_create(Tenant(name=f"T{n}", ccid=uuid4(), nexus_url="https://x.example") for n in range(20))
    assert queries(site_client) == short <= 10
