"""The history is verified by schedule once after each night, however often its message comes."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from portal.audit.actors import SYSTEM
from portal.audit.models import Event
from portal.evidence.models import Verification
from portal.evidence.tasks import verify_history
from portal.evidence.verify_history import is_due, verify_and_keep

pytestmark = pytest.mark.django_db


def verified() -> int:
    return Event.objects.filter(verb="history.verified").count()


def begun(*at: datetime, ended: bool = True) -> None:
    for moment in at:
        Verification.objects.create(started_at=moment, finished_at=moment if ended else None)


def test_a_second_message_of_the_same_day_finds_nothing_due() -> None:
    verify_history()
    verify_history()
    assert verified() == 1


@pytest.mark.parametrize(
    ("last", "now", "due"),
    [
        ("2026-05-04 03:20", "2026-05-05 03:19", False),
        ("2026-05-04 03:20", "2026-05-05 03:20", True),
        ("2026-05-05 03:20", "2026-05-05 04:20", False),
        # the message of the night was lost, or no worker ran
        ("2026-05-04 03:21", "2026-05-05 06:20", True),
        # a person verified in the evening
        ("2026-05-04 23:00", "2026-05-05 03:20", True),
    ],
)
def test_it_is_due_once_after_each_night(last: str, now: str, *, due: bool) -> None:
    begun(moment(last))
    assert is_due(moment(now)) == due


def test_one_that_ends_its_worker_each_time_is_left_until_the_next_night() -> None:
    begun(*(moment(f"2026-05-05 {hour}:20") for hour in ("03", "06", "09")), ended=False)
    assert not is_due(moment("2026-05-05 12:20"))
    assert is_due(moment("2026-05-06 03:20"))


def moment(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+00:00")


def test_one_that_died_is_made_up_for() -> None:
    begun(moment("2026-05-05 03:20"), ended=False)
    assert not is_due(moment("2026-05-05 05:20"))
    assert is_due(moment("2026-05-05 06:20"))


def test_one_that_runs_is_not_begun_again() -> None:
    Verification.objects.create(started_at=timezone.now() - timedelta(minutes=3))
    verify_history()
    assert verified() == 0


def test_who_asks_for_it_is_never_refused() -> None:
    verify_and_keep(SYSTEM)
    verify_and_keep(SYSTEM)
    assert verified() == 2
