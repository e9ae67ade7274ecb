from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.core import signing
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from portal.accounts.models import Session
from portal.ui.paging import KeysetPage, keyset_page

pytestmark = pytest.mark.django_db

# Any table with a time and a unique column serves; sessions are at hand.
KEY = ("expire_date", "session_key")
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture
def eleven() -> list[str]:
    """Keys of eleven rows, newest first, with times that repeat so that the second column must decide."""
    rows = [
        Session(session_key=f"s{number:02d}", expire_date=NOON + timedelta(hours=number // 4)) for number in range(11)
    ]
    Session.objects.bulk_create(rows)
    return [row.session_key for row in reversed(rows)]


def page_at(url: str = "", size: int = 3) -> KeysetPage[Session]:
    return keyset_page(Session.objects.all(), RequestFactory().get(f"/{url}"), key=KEY, size=size)


def keys(page: KeysetPage[Session]) -> list[str]:
    return [row.session_key for row in page.items]


def walk_older(size: int) -> Iterator[KeysetPage[Session]]:
    page = page_at(size=size)
    yield page
    while page.older_url:
        page = page_at(page.older_url, size)
        yield page


@pytest.mark.parametrize("size", [1, 2, 3, 4, 10, 11, 12])
def test_walking_older_meets_every_row_once_and_in_order(eleven: list[str], size: int) -> None:
    assert [key for page in walk_older(size) for key in keys(page)] == eleven


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 10])
def test_walking_back_meets_the_same_rows(eleven: list[str], size: int) -> None:
    page = list(walk_older(size))[-1]
    found = keys(page)
    while page.newer_url:
        page = page_at(page.newer_url, size)
        found = keys(page) + found
    assert found == eleven


def test_the_first_page_leads_nowhere_newer_and_the_last_nowhere_older(eleven: list[str]) -> None:
    pages = list(walk_older(3))
    assert len(pages) * 3 >= len(eleven)
    assert pages[0].newer_url == ""
    assert pages[-1].older_url == ""
    assert all(page.is_paged for page in pages)


def test_a_list_that_fits_has_no_links(eleven: list[str]) -> None:
    assert not page_at(size=len(eleven)).is_paged


def test_an_empty_list_is_an_empty_page() -> None:
    assert page_at() == KeysetPage([], "", "")


def test_new_rows_do_not_shift_the_page_being_read(eleven: list[str]) -> None:
    older = page_at().older_url
    Session.objects.create(session_key="zz", expire_date=NOON + timedelta(days=1))
    assert keys(page_at(older)) == eleven[3:6]


def test_links_keep_the_filters(eleven: list[str]) -> None:
    page = page_at("?tenant=7&verb=a&verb=b")
    assert page.older_url.startswith("?tenant=7&verb=a&verb=b&older=")
    assert page_at(page.older_url).newer_url.count("verb=") == len(eleven[:2])


@pytest.mark.parametrize("cursor", ["", "x", "WzFd:1:abc", "%00", "💥"])
def test_a_cursor_that_cannot_be_read_is_the_first_page(eleven: list[str], cursor: str) -> None:
    assert keys(page_at(f"?older={cursor}")) == eleven[:3]
    assert keys(page_at(f"?newer={cursor}")) == eleven[:3]


@pytest.mark.parametrize("values", [["not a time", "s01"], ["2026-11-23T12:00:00Z"], [], {"a": 1}, None, 5])
def test_a_signed_cursor_of_another_shape_is_the_first_page(eleven: list[str], values: object) -> None:
    cursor = signing.dumps(values, salt="portal.ui.paging")
    assert keys(page_at(f"?older={cursor}")) == eleven[:3]


def test_nothing_is_counted_and_one_query_is_enough(eleven: list[str]) -> None:
    older = page_at().older_url
    with CaptureQueriesContext(
        connection,
    ) as queries:
        page_at(older)
    assert len(queries) == 1
    assert "COUNT" not in queries[0]["sql"]
    assert eleven


def test_several_lists_of_one_page_turn_their_pages_alone(eleven: list[str]) -> None:
    def both(url: str) -> tuple[KeysetPage[Session], KeysetPage[Session]]:
        request = RequestFactory().get(f"/{url.partition('#')[0]}")
        one, other = (keyset_page(Session.objects.all(), request, KEY, 3, within=name) for name in ("one", "other"))
        return one, other

    one, other = both("?q=kept")
    assert one.older_url.endswith("#one")
    one, other = both(one.older_url)
    assert (keys(one), keys(other)) == (eleven[3:6], eleven[:3])
    one, other = both(other.older_url)
    assert (keys(one), keys(other)) == (eleven[3:6], eleven[3:6])
    assert "q=kept" in other.newer_url
