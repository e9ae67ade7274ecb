"""Sweeper registration of set-ups: which are claimable, and how one is given up after too many tries."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import QuerySet

from portal.core.tasks.sweeper import Kind
from provisioning.models import Setup
from provisioning.runs.claims import RUN_TASK, claimable
from provisioning.runs.engine import give_up_run


def setups_to_claim(now: datetime) -> QuerySet[Setup]:
    """Return the set-ups that a worker may claim now."""
    return Setup.objects.filter(claimable(now))


SETUPS = Kind(
    "set-ups",
    RUN_TASK,
    setups_to_claim,
    give_up_run,
    patience=lambda: timedelta(seconds=settings.SETUP_REPUBLISH_SECONDS),
    due="next_attempt_at",
)
