"""The history is verified by schedule once a day, however often its message comes."""

from datetime import timedelta

import pytest
from django.utils import timezone

from portal.audit.actors import SYSTEM
from portal.audit.models import Event
from portal.evidence.models import Verification
from portal.evidence.tasks import verify_history
from portal.evidence.verifying import verify_and_keep

pytestmark = pytest.mark.django_db


def verified() -> int:
    return Event.objects.filter(verb="history.verified").count()


def test_a_second_message_of_the_same_day_finds_nothing_due() -> None:
    verify_history()
    verify_history()
    assert verified() == 1
    Verification.objects.update(started_at=timezone.now() - timedelta(hours=23))
    verify_history()
    assert verified() == 2


def test_one_that_died_is_made_up_for() -> None:
    Verification.objects.create(started_at=timezone.now() - timedelta(hours=3))
    verify_history()
    assert verified() == 1


def test_one_that_runs_is_not_begun_again() -> None:
    Verification.objects.create(started_at=timezone.now() - timedelta(minutes=3))
    verify_history()
    assert verified() == 0


def test_who_asks_for_it_is_never_refused() -> None:
    verify_and_keep(SYSTEM)
    verify_and_keep(SYSTEM)
    assert verified() == 2
