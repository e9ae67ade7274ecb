"""Celery task of the sweeper: beat sends it, and set-up workers run it, so it needs no order worker."""

from portal.celery import app
from portal.core.tasks import sweeper
from portal.crash_points import reach
from portal.operations.heartbeats import beat
from portal.operations.models import HeartKind
from portal.wakeups import wake_after_commit

SWEEP_TASK = "portal.operations.tasks.sweep"


@app.task(name=SWEEP_TASK)
def sweep() -> None:
    """Wake up stalled work of every kind, and give up work after too many attempts."""
    sweeper.sweep(wake_after_commit)
    reach("sweep.committed")
    beat(HeartKind.SWEEPER, "sweeper")
