"""Readiness and the operations page when a part is gone. Redis and the database have tests of their own."""

import json
import re

import pytest

from portal.accounts.models import User
from tests.faults.house import House, Visitor
from tests.support.children import wait_for
from tests.support.services import StartWorker

pytestmark = pytest.mark.faults

ALL = {"database": "ok", "queue": "ok", "worker": "ok", "orders": "ok", "sweeper": "ok"}


def readiness(visitor: Visitor) -> dict[str, str]:
    """What /readyz says; its status must say the same."""
    page = visitor.see("operations:readyz")
    parts: dict[str, str] = json.loads(page.text)
    assert (page.status == 200) == (parts == ALL)
    return parts


def workers(page: str) -> dict[str, str]:
    """The table of the operations page: the state of each worker."""
    rows = re.findall(r'<td data-label="Name">(\w[^@]*)@.*?data-state="(\w+)"', page, re.DOTALL)
    return dict(rows)


@pytest.mark.parametrize(("part", "missed"), [("worker", {"worker", "sweeper"}), ("beat", {"sweeper"})])
def test_what_died_is_missed_and_what_comes_back_is_seen(
    house: House, part: str, missed: set[str], start_order_worker: StartWorker
) -> None:
    start_order_worker()
    visitor, dying = Visitor(house.address), getattr(house, part)
    wait_for(lambda: readiness(visitor) == ALL, "all parts to be ready")
    dying.kill()
    wait_for(lambda: readiness(visitor) == ALL | dict.fromkeys(missed, "not ok"), f"the {part} to be missed")
    dying.start()
    wait_for(lambda: readiness(visitor) == ALL, "all parts to be ready again")


def test_the_operations_page_shows_a_dead_worker(house: House, site_administrator: User) -> None:
    visitor = house.visitor(site_administrator)
    wait_for(lambda: workers(visitor.see("operations:page").text) == {"house-worker": "works"}, "the worker to be seen")
    house.worker.kill()
    wait_for(lambda: workers(visitor.see("operations:page").text) == {"house-worker": "silent"}, "it to be missed")
    assert "No worker gave a sign of life" in visitor.see("operations:page").text


def test_a_worker_that_stops_well_takes_its_name_off(house: House, site_administrator: User) -> None:
    visitor = house.visitor(site_administrator)
    wait_for(lambda: workers(visitor.see("operations:page").text) == {"house-worker": "works"}, "the worker to be seen")
    house.worker.stop()
    assert workers(visitor.see("operations:page").text) == {}
