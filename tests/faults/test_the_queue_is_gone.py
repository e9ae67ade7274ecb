"""Redis refused, silent, killed, emptied, and beat gone: pages answer, and what was started runs by itself later."""

from collections.abc import Callable

import pytest

from portal.accounts.models import User
from portal.devtools.sandbox.control import Control
from provisioning.models import Setup, SetupState, StepState
from tests.faults import runs
from tests.faults.house import House, Page, Visitor
from tests.support.cast import PASSWORD
from tests.support.children import wait_for
from tests.support.tcp_proxy import Mode

pytestmark = pytest.mark.faults

#: The issue demands a second. A busy machine may add to one load of a page, hardly to the best of three.
SECOND, TRIES = 1.0, 3
LATENCY_MS = 150


def refuse(house: House) -> None:
    house.proxy.set(Mode.REFUSE)


def swallow(house: House) -> None:
    house.proxy.set(Mode.SWALLOW)


def kill(house: House) -> None:
    house.redis.kill()


def best(ask: Callable[[], Page]) -> Page:
    return min((ask() for _ in range(TRIES)), key=lambda page: page.seconds)


def began(setups: list[Setup]) -> bool:
    """Whether a first request is on its way."""
    return Setup.objects.filter(pk__in=[each.pk for each in setups], steps__state=StepState.SENDING).exists()


@pytest.mark.parametrize("take_away", [refuse, swallow, kill])
def test_pages_answer_at_once_and_started_set_ups_run_when_it_is_back(
    take_away: Callable[[House], None],
    house: House,
    user: User,
    drafts: Callable[[int], list[Setup]],
    sandbox: Control,
) -> None:
    sandbox.settings(latency_ms=LATENCY_MS)
    draft, *setups = drafts(8)
    visitor = house.visitor(user)  # after the roles: one that is granted ends the sessions that there are
    early, late = setups[:4], setups[4:]
    for setup in early:
        assert visitor.send("setup_start", setup.pk).status == 302
    wait_for(lambda: began(early), "the first requests")

    take_away(house)
    started = [visitor.send("setup_start", setup.pk) for setup in late]
    pages = every_page(visitor, draft, late[0])
    runs_page, operations = pages["setup"], pages["operations:page"]
    signing_in = best(lambda: Visitor(house.address).send("account_login", login=user.email, password=PASSWORD))
    readiness = best(lambda: visitor.see("operations:readyz"))
    waiting = Setup.objects.filter(pk__in=[setup.pk for setup in late], state=SetupState.QUEUED).count()
    house.ensure()

    assert [page.status for page in started] == [302] * len(late)
    assert min(page.seconds for page in started) < SECOND
    assert {name: page.status for name, page in pages.items()} == dict.fromkeys(pages, 200)
    assert [name for name, page in pages.items() if page.seconds > SECOND] == []
    assert waiting == len(late)
    assert "Waiting for a worker" in runs_page.text
    assert "the queue does not answer" in operations.text
    assert (signing_in.status, signing_in.seconds < SECOND) == (503, True)
    assert "The portal cannot reach its queue right now." in signing_in.text
    assert readiness.status == 503
    assert '"queue": "not ok"' in readiness.text
    runs.wait_until_ended(setups)
    assert runs.problems(setups, sandbox) == []


def every_page(visitor: Visitor, draft: Setup, started: Setup) -> dict[str, Page]:
    """The best of three loads of each page that people use."""
    places: dict[str, list[object]] = {
        "tenants:list": [],
        "tenant": [draft.tenant_id],
        "setup_step": [draft.pk, "account"],
        "setup_review": [draft.pk],
        "setup": [started.pk],
        "setup_timeline": [started.pk],
        "history:list": [],
        "operations:page": [],
    }
    return {name: best(lambda: visitor.see(name, *where)) for name, where in places.items()}  # noqa: B023 - called at once


def test_messages_that_redis_forgot_are_sent_again(
    house: House, user: User, drafts: Callable[[int], list[Setup]], sandbox: Control
) -> None:
    sandbox.settings(latency_ms=LATENCY_MS)
    setups, visitor = drafts(10), house.visitor(user)
    for setup in setups:
        visitor.send("setup_start", setup.pk)
        house.flush_redis()
    runs.wait_until_ended(setups)
    assert runs.problems(setups, sandbox) == []


def test_without_beat_nothing_is_lost_and_readiness_says_so(
    house: House, user: User, drafts: Callable[[int], list[Setup]], sandbox: Control
) -> None:
    (setup, forgotten), visitor = drafts(2), house.visitor(user)
    house.beat.kill()
    wait_for(lambda: '"sweeper": "not ok"' in visitor.see("operations:readyz").text, "the sweeper to be missed")
    visitor.send("setup_start", setup.pk)
    runs.wait_until_ended([setup])

    house.worker.stop()
    visitor.send("setup_start", forgotten.pk)
    house.flush_redis()
    house.worker.start()
    house.beat.start()
    runs.wait_until_ended([forgotten])
    assert runs.problems([setup, forgotten], sandbox) == []
