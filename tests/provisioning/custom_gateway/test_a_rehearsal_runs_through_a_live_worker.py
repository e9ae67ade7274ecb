"""Real Redis, a real worker process, the sandbox's gateways over real HTTP."""

from collections.abc import Callable

import pytest
from django.test import Client

from portal.accounts.models import User
from portal.devtools.sandbox.control import Control
from provisioning.models import Rehearsal, Setup
from tests.provisioning.custom_gateway import gateway
from tests.provisioning.custom_gateway.gateway import calls_of, grades
from tests.support.children import Restartable, wait_for
from tests.support.services import StartWorker

pytestmark = pytest.mark.sweep


@pytest.fixture
def wake_ups() -> list[str]:
    """Here the queue is real."""
    return []


@pytest.fixture
def client(administrator: User, client_of: Callable[[User], Client]) -> Client:
    """The administrator's browser."""
    return client_of(administrator)


def ended() -> Rehearsal:
    """Wait for the one rehearsal."""
    wait_for(lambda: Rehearsal.objects.filter(state="done").exists(), "the rehearsal")
    return Rehearsal.objects.get()


def test_pressing_the_button_grades_the_gateway(worker: Restartable, at_good: Setup, client: Client) -> None:
    assert "Rehearse now" in gateway.page(client, "rehearsal", at_good)
    assert gateway.post(client, "rehearsal_ask", at_good).status_code == 302
    assert {tone for tone, _ in grades(ended()).values()} == {"good", "warning"}  # the sandbox speaks plain http
    assert "Rehearse again" in gateway.page(client, "rehearsal", at_good)


def test_a_double_click_is_one_rehearsal(worker: Restartable, at_good: Setup, client: Client, sandbox: Control) -> None:
    sandbox.settings(latency_ms=300)
    for _ in range(2):
        assert gateway.post(client, "rehearsal_ask", at_good).status_code == 302
    assert "under way" in gateway.page(client, "rehearsal", at_good)
    ended()
    sandbox.settings(latency_ms=0)
    assert len(sandbox.ledger()) == 2


def test_a_killed_workers_rehearsal_is_finished_by_another(
    start_worker: StartWorker,
    start_beat: Callable[..., Restartable],
    at_good: Setup,
    client: Client,
    sandbox: Control,
) -> None:
    sandbox.fault("slow_first_byte", seconds=30, match={"path_contains": "/gateways/"})
    windows = {"SETUP_LEASE_SECONDS": "1", "SETUP_REPUBLISH_SECONDS": "0.5", "SWEEP_SECONDS": "0.5"}
    victim = start_worker(**windows)
    gateway.post(client, "rehearsal_ask", at_good)
    wait_for(lambda: len(sandbox.ledger()) == 1, "the request that is not answered")
    victim.kill()
    start_worker(**windows | {"SETUP_LEASE_SECONDS": "10"})  # from a busy one nobody takes over
    start_beat(**windows)
    rehearsal = ended()
    assert {tone for tone, _ in grades(rehearsal).values()} == {"good", "warning"}
    assert [call.status for call in calls_of(rehearsal)] == [None, 200, 403]
    assert "its worker ended before the answer came" in gateway.page(client, "rehearsal", at_good)
