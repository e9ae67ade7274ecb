"""The sweeper's task: beat sends it, and the workers of set-ups run it, also while the worker of orders is dead."""

from portal.celery import app
from portal.core.tasks import sweeper
from portal.crash_points import reach
from portal.operations.heartbeats import beat
from portal.operations.models import HeartKind
from portal.wakeups import wake_after_commit

SWEEP_TASK = "portal.operations.tasks.sweep"


@app.task(name=SWEEP_TASK)
def sweep() -> None:
    """Wake up all queued work that lies, of every kind, and give up what was tried often enough."""
    sweeper.sweep(wake_after_commit)
    reach("sweep.committed")
    beat(HeartKind.SWEEPER, "sweeper")
