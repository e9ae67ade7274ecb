"""Liveness probe of a worker's pool: the main loop submits an empty job and notes when it completes.

A heartbeat of the parent process alone proves little: its children may be stopped, its threads may hang, or its loop
may have ended. So a worker sends heartbeats only while its pool responds.
"""

import time
from typing import Any

from celery import bootsteps
from celery.worker import state
from django.conf import settings

from portal.celery import app

#: How long all slots may be busy at once: longer than the hard time limit of an order (60 s) and than an API call.
LONGEST_BUSY_SECONDS = 120.0


def do_nothing() -> None:
    """The empty job that runs in the pool."""


class PoolProbe:
    """Probes the pool of one worker, and knows for how long it has not responded."""

    def __init__(self, worker: Any) -> None:
        self._worker = worker
        self._answered = time.monotonic()
        self._asked: float | None = None

    def ask(self) -> None:
        """Submit a job unless one is pending; called by the worker's main loop."""
        now = time.monotonic()
        if self._asked is None or now - self._asked > LONGEST_BUSY_SECONDS:
            self._asked = now
            self._worker.pool.apply_async(
                do_nothing, callback=self._note, error_callback=self._note, accept_callback=_ignore
            )

    def answers(self, seconds: float) -> bool:
        """Return whether the pool responded within this time; called by the heartbeat thread.

        It may take longer while all slots are busy. While the worker waits for Redis its loop does not run; the check
        of Redis reports that.
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
    """An accepted job is not completed yet."""


class PoolProbeStep(bootsteps.StartStopStep):
    """Makes the main loop probe the pool; as a bootstep, it starts again after a lost connection cancels all timers."""

    requires = ("celery.worker.components:Pool",)

    def __init__(self, worker: Any, **options: Any) -> None:
        super().__init__(worker, **options)
        worker.pool_probe = PoolProbe(worker)

    def register_with_event_loop(self, worker: Any, hub: Any) -> None:
        """Probe as often as a heartbeat is sent."""
        hub.call_repeatedly(settings.HEARTBEAT_SECONDS, worker.pool_probe.ask)


def connect() -> None:
    """Add the probe to every worker."""
    app.steps["worker"].add(PoolProbeStep)
