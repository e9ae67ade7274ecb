"""SIGTERM in the middle of runs: the call in hand is ended, the rest handed back, nothing lost and nothing doubled."""

import itertools
import signal
from collections.abc import Callable

import pytest
from django.conf import settings

from portal.accounts.models import User
from portal.devtools.sandbox.control import Control
from provisioning.models import Setup, SetupState, SetupStep, StepState
from tests.faults import runs
from tests.faults.conftest import again
from tests.support.children import Restartable, wait_for
from tests.support.services import StartWorker

pytestmark = pytest.mark.faults

LATENCY_MS = 300
#: A lease that nobody waits for: whoever is asked to stop must hand back, and not just fall silent.
LONG_LEASE = {"SETUP_LEASE_SECONDS": "600", "SETUP_REPUBLISH_SECONDS": "600"}


def stops_well(worker: Restartable) -> bool:
    """Ask it to stop; whether it left with 0, within the time of a call and a moment."""
    worker.send_signal(signal.SIGTERM)
    return worker.exit_code(settings.OUTBOUND_TOTAL_SECONDS + 10) == 0


def sent_unclear(setups: list[Setup]) -> list[str]:
    """Attempts whose outcome nobody knew, or that were made twice."""
    steps = SetupStep.objects.filter(setup__in=setups)
    return [f"{step}: {step.attempts} attempts" for step in steps if step.outcome_unknown or step.attempts != 1]


@pytest.mark.parametrize("round_", again(20))
def test_it_ends_its_calls_and_hands_the_rest_back(
    round_: int, start_worker: StartWorker, user: User, drafts: Callable[[int], list[Setup]], sandbox: Control
) -> None:
    sandbox.settings(latency_ms=LATENCY_MS)
    first, setups = start_worker(**LONG_LEASE), drafts(10)
    runs.start(user, setups)
    wait_for(lambda: SetupStep.objects.filter(state=StepState.SENDING).count() > 2, "calls to be on their way")
    assert stops_well(first)
    assert not SetupStep.objects.filter(state=StepState.SENDING).exists()
    assert set(Setup.objects.values_list("state", flat=True)) <= {SetupState.QUEUED, SetupState.SUCCEEDED}
    handed_back = Setup.objects.filter(state=SetupState.QUEUED).count()

    start_worker(**LONG_LEASE)
    runs.wait_until_ended(setups)
    assert handed_back > 0
    assert runs.problems(setups, sandbox) + sent_unclear(setups) == []


@pytest.mark.parametrize("rounds", [2, pytest.param(50, marks=pytest.mark.slow_faults)])
def test_workers_restarted_in_turn_lose_and_double_nothing(
    rounds: int, start_worker: StartWorker, user: User, drafts: Callable[[int], list[Setup]], sandbox: Control
) -> None:
    sandbox.settings(latency_ms=LATENCY_MS)
    workers = [start_worker(**LONG_LEASE), start_worker(**LONG_LEASE)]
    setups = drafts(rounds * 8)
    load = iter(setups)
    for _, worker in itertools.product(range(rounds), workers):
        batch = list(itertools.islice(load, 4))
        runs.start(user, batch)
        wait_for(lambda: SetupStep.objects.filter(state=StepState.SENDING).exists(), "a call to be on its way")
        assert stops_well(worker)
        worker.start()
    runs.wait_until_ended(setups)
    assert runs.problems(setups, sandbox) + sent_unclear(setups) == []
