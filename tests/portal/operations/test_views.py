"""The page of operations names every worker of the last day, on as many pages as it takes."""

from collections.abc import Callable
from datetime import timedelta

from django.test import Client
from django.utils import timezone

from portal.accounts.models import User
from portal.operations.models import Heartbeat, HeartKind
from tests.support.pages import pages


def test_very_many_workers_are_on_pages_and_say_whether_they_work(
    administrator: User, client_of: Callable[[User], Client]
) -> None:
    now = timezone.now()
    Heartbeat.objects.all().delete()  # of workers that earlier tests left running
    ages = [timedelta(), timedelta(hours=1), timedelta(hours=30)]
    Heartbeat.objects.bulk_create(
        Heartbeat(name=f"{kind}@{age.total_seconds():.0f}-{n}", kind=kind, at=now - age)
        for kind in (HeartKind.WORKER, HeartKind.ORDERS)
        for age in ages
        for n in range(40)
    )
    rows = [
        row.get_text(" ", strip=True).split()
        for page in pages(client_of(administrator), "/operations/")
        for row in page.select("table.list tbody tr")
    ]
    assert len(rows) == 160  # those of the day before are forgotten
    assert {row[1] for row in rows if "@0-" in row[0]} == {"Works"}
    assert {row[1] for row in rows if "@3600-" in row[0]} == {"Silent"}


def test_parts_and_queues_are_named_in_words(administrator: User, client_of: Callable[[User], Client]) -> None:
    page = client_of(administrator).get("/operations/").text
    for term in ("Queue (Redis)", "Worker of set-ups", "Worker of orders", "Messages in the queue “orders”"):
        assert f"<dt>{term}</dt>" in page
