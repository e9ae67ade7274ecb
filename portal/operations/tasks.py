"""Celery task of the sweeper: beat sends it, and set-up workers run it, so it needs no order worker."""

from portal.celery import app
from portal.core.tasks import sweeper
from portal.core.tasks.failpoints import failpoint
from portal.core.tasks.publish import send_task_on_commit
from portal.operations.heartbeats import beat
from portal.operations.models import HeartKind

SWEEP_TASK = "portal.operations.tasks.sweep"


@app.task(name=SWEEP_TASK)
def sweep() -> None:
    """Wake up stalled work of every kind, and give up work after too many attempts."""
    sweeper.sweep(send_task_on_commit)
    failpoint("sweep.committed")
    beat(HeartKind.SWEEPER, "sweeper")
