"""A page costs with a thousand tenants what it costs with some: its bytes have a ceiling, its queries their number."""

from dataclasses import dataclass
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.access.crowd import Crowd
from tests.access.lines import ARGUMENTS, LINES, Line
from tests.access.people import Who
from tests.access.routes import path_of
from tests.access.walk import filled, undoing
from tests.access.world import World, sign_in

pytestmark = [pytest.mark.databases, pytest.mark.sweep]

#: So many tenants, and so many rows of everything in ours, fill the first page of each list.
SOME, MANY = 60, 1000
#: The largest page that anybody is sent, in bytes.
CEILING = 150_000
#: Downloads of all there is are sent in pieces, and ask for each piece.
STREAMED = {"history:csv"}
#: On PostgreSQL those pages alone that lead through many tenants, or many rows of one.
HEAVIEST = {
    *("home", "history:list", "history:news", "evidence:page", "evidence:pack_new", "notices:page", "operations:page"),
    *("tenants:list", "tenant", "people:list", "people:page", "people:invite", "session_list", "tollfree:requests"),
    *("senders:list", "numbers:list", "numbers:page", "orders", "order", "order_review", "setup", "services", "calls"),
}


@dataclass(frozen=True)
class Page:
    """What one page cost."""

    length: int
    queries: int
    is_streamed: bool


def test_no_page_grows_with_what_there_is(world: World) -> None:
    crowd = Crowd(world)
    crowd.more(range(SOME))
    before = walked(world)
    crowd.more(range(SOME, MANY))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    after = walked(world)
    assert {name for (_, name, _), page in after.items() if page.is_streamed} == STREAMED & {
        where[1] for where in after
    }
    pages = {where: page for where, page in after.items() if not page.is_streamed}
    too_long = {where: page.length for where, page in pages.items() if page.length > CEILING}
    asks_more = {
        where: (before[where].queries, page.queries)
        for where, page in pages.items()
        if page.queries > before[where].queries
    }
    assert (too_long, asks_more) == ({}, {})


def walked(world: World) -> dict[tuple[Who, str, str], Page]:
    """Open every page as everybody who may, and return what each cost."""
    costs = {}
    for who in Who:
        client, user = Client(), world.people[who]
        if user is not None:
            sign_in(client, user)
        for line in LINES:
            if who in (line.get or ()) and (connection.vendor == "sqlite" or line.name in HEAVIEST):
                path, query = path_of(line.name, world.ours, line.path, ARGUMENTS), filled(line.query, world.ours)
                costs[who, line.name, f"{path}?{urlencode(query)}"] = opened(client, path, query, line)
    return costs


def opened(client: Client, path: str, query: dict[str, str], line: Line) -> Page:
    """Open one page, and undo what that did."""
    with undoing("GET"), CaptureQueriesContext(connection) as asked:
        answer = client.get(path, query)
        length = sum(map(len, answer)) if answer.streaming else len(answer.content)
    assert answer.status_code < 400 or answer.status_code in line.statuses, f"{path} answered {answer.status_code}"
    return Page(length, len(asked), answer.streaming)
