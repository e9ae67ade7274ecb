"""`pg_ctl stop -m immediate` in the middle of runs: what was promised is kept, and all parts recover by themselves."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from portal.accounts.models import User
from portal.devtools.sandbox.control import Control
from provisioning.models import Setup, StepState
from tests.faults import runs
from tests.faults.house import House, Page, Visitor
from tests.support.children import wait_for
from tests.support.postgresql import Postgresql

pytestmark = [
    pytest.mark.faults,
    pytest.mark.databases,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="runs with TEST_DATABASE=postgresql"),
]

PAGES = ("tenants:list", "history:list", "operations:page", "account_login")


@pytest.fixture
def postgresql(house: House) -> Iterator[Postgresql]:
    """The database's switch; whatever happens, it runs afterwards."""
    server = Postgresql()
    yield server
    server.start()
    connection.close()


def click(visitor: Visitor, setup: Setup) -> bool:
    """Click on Run; whether the portal promised to run it. Anything but a promise or a 503 is a fault."""
    answer = visitor.send("setup_start", setup.pk)
    assert answer.status in {302, 503}
    return answer.status == 302


@pytest.mark.parametrize("round_", [1, 2, *(pytest.param(n, marks=pytest.mark.slow_faults) for n in range(3, 21))])
def test_what_was_promised_is_kept(
    *,
    round_: int,
    house: House,
    user: User,
    postgresql: Postgresql,
    drafts: Callable[[int], list[Setup]],
    sandbox: Control,
) -> None:
    sandbox.settings(latency_ms=200)
    setups, visitor = drafts(10), house.visitor(user)
    first, others = setups[:5], setups[5:]
    promises = [click(visitor, setup) for setup in first]
    wait_for(lambda: Setup.objects.filter(steps__state=StepState.SENDING).exists(), "the first requests")

    with ThreadPoolExecutor(2) as people:
        clicks = people.map(lambda setup: click(visitor, setup), others)
        postgresql.stop_immediately()
        promises += clicks
    down = [visitor.see(name) for name in PAGES]
    health, readiness = visitor.see("operations:healthz"), visitor.see("operations:readyz")
    postgresql.start()
    connection.close()

    assert_says_so(down, health, readiness)
    promised = [setup for setup, promise in zip(setups, promises, strict=True) if promise]
    assert len(promised) >= len(first)
    runs.wait_until_ended(promised)
    assert runs.problems(promised, sandbox) == []

    forgotten = [setup for setup in setups if setup not in promised]
    assert all(click(visitor, setup) for setup in forgotten)
    runs.wait_until_ended(setups)
    assert runs.problems(setups, sandbox) == []
    assert [visitor.see(name).status for name in PAGES] == [200, 200, 200, 302]


def assert_says_so(down: list[Page], health: Page, readiness: Page) -> None:
    assert [page.status for page in down] == [503] * len(down)
    assert all("The portal cannot reach its database right now." in page.text for page in down)
    assert health.status == 200
    assert (readiness.status, '"database": "not ok"' in readiness.text) == (503, True)
