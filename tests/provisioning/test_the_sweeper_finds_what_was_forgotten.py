from datetime import timedelta

import pytest
from django.utils import timezone

from portal.devtools.sandbox.control import Control
from provisioning.models import Setup
from provisioning.runs.sweeper import SETUPS
from tests.provisioning import kaleyra
from tests.support import sweeping

pytestmark = pytest.mark.usefixtures("transactional_db")


def sweep() -> int:
    return sweeping.sweep(SETUPS)


@pytest.fixture
def lost(queued: Setup, wake_ups: list[str]) -> Setup:
    """A queued set-up whose message nobody got, a while ago."""
    Setup.objects.update(published_at=timezone.now() - timedelta(minutes=1))
    wake_ups.clear()
    return queued


def test_a_lost_message_is_published_again(lost: Setup, wake_ups: list[str]) -> None:
    assert sweep() == 1
    assert wake_ups == [str(lost.pk)]


def test_nothing_is_published_twice_within_the_window(lost: Setup, wake_ups: list[str]) -> None:
    assert [sweep(), sweep(), sweep()] == [1, 0, 0]


def test_a_fresh_message_gets_its_time(queued: Setup, wake_ups: list[str]) -> None:
    assert sweep() == 0


def test_an_ended_wait_is_found_and_published_once(queued: Setup, sandbox: Control, wake_ups: list[str]) -> None:
    sandbox.fault("too_many_requests_huge")
    kaleyra.run(queued)
    wake_ups.clear()
    assert sweep() == 0
    due = timezone.now() - timedelta(seconds=0.1)
    Setup.objects.update(next_attempt_at=due, published_at=due)
    assert [sweep(), sweep()] == [1, 0]


def test_a_long_wait_is_left_to_the_sweeper(queued: Setup, sandbox: Control, wake_ups: list[str]) -> None:
    wake_ups.clear()
    sandbox.fault("too_many_requests_huge")
    kaleyra.run(queued)
    assert wake_ups == []


def test_a_short_wait_sends_a_message_that_comes_when_it_is_over(
    queued: Setup, sandbox: Control, wake_ups: list[str]
) -> None:
    wake_ups.clear()
    sandbox.fault("unavailable")
    kaleyra.run(queued)
    assert wake_ups == [str(queued.pk)]


def test_a_silent_worker_is_found(lost: Setup) -> None:
    Setup.objects.update(state="running", lease_until=timezone.now() - timedelta(seconds=1))
    assert sweep() == 1


def test_a_worker_at_work_is_left_alone(lost: Setup) -> None:
    Setup.objects.update(state="running", lease_until=timezone.now() + timedelta(seconds=30))
    assert sweep() == 0


@pytest.mark.parametrize("state", ["draft", "succeeded", "failed", "discarded"])
def test_what_rests_is_left_alone(lost: Setup, state: str) -> None:
    Setup.objects.update(state=state)
    assert sweep() == 0
