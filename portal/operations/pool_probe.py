"""Liveness of a worker's pool: the main loop hands it a job that does nothing, and notes when the answer comes.

The heartbeat of a parent alone says little: its children may be stopped, its threads may hang, its loop may have ended.
So a worker gives a sign of life only while its pool answers.
"""

import time
from typing import Any

from celery import bootsteps
from celery.worker import state
from django.conf import settings

from portal.celery import app

#: How long all slots may be busy at once: longer than the hard limit of an order (60 s) and than a call.
LONGEST_BUSY_SECONDS = 120.0


def do_nothing() -> None:
    """Run in the pool."""


class PoolProbe:
    """Asks the pool of one worker, and knows how long its answer has been missing."""

    def __init__(self, worker: Any) -> None:
        self._worker = worker
        self._answered = time.monotonic()
        self._asked: float | None = None

    def ask(self) -> None:
        """Hand the pool a job, unless it owes an answer already; called by the worker's main loop."""
        now = time.monotonic()
        if self._asked is None or now - self._asked > LONGEST_BUSY_SECONDS:
            self._asked = now
            self._worker.pool.apply_async(
                do_nothing, callback=self._note, error_callback=self._note, accept_callback=_ignore
            )

    def answers(self, seconds: float) -> bool:
        """Say whether the pool answered within so long; called by the thread of the heartbeat.

        While all slots are busy it may take longer. While the worker waits for Redis its loop stands still; that is
        told elsewhere.
        """
        connection = self._worker.consumer.connection
        if connection is None or not connection.connected:
            self._answered = time.monotonic()
        if len(state.active_requests) >= self._worker.pool.num_processes:
            seconds = max(seconds, LONGEST_BUSY_SECONDS)
        return time.monotonic() - self._answered < seconds

    def _note(self, *_: Any) -> None:
        self._answered, self._asked = time.monotonic(), None


def _ignore(*_: Any) -> None:
    """A job that was taken is not yet done."""


class PoolProbeStep(bootsteps.StartStopStep):
    """Has the main loop ask, also after each loss of the connection, which ends all timers of the loop."""

    requires = ("celery.worker.components:Pool",)

    def __init__(self, worker: Any, **options: Any) -> None:
        super().__init__(worker, **options)
        worker.pool_probe = PoolProbe(worker)

    def register_with_event_loop(self, worker: Any, hub: Any) -> None:
        """Ask as often as the heart beats."""
        hub.call_repeatedly(settings.HEARTBEAT_SECONDS, worker.pool_probe.ask)


def connect() -> None:
    """Let every worker ask its pool."""
    app.steps["worker"].add(PoolProbeStep)
