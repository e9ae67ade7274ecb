"""Sending wake-up messages to the workers, without making anybody wait for the queue.

The row is the truth and a sweeper finds it; so a queue that does not answer costs seconds and no work. A thread of its
own talks to the queue, because a page must answer within a second, also when Redis takes a connection and stays silent.
"""

import atexit
import logging
import os
import queue
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from portal.celery import app
from portal.crash_points import reach

log = logging.getLogger(__name__)

#: Messages that may wait while the queue is away; beyond that the sweeper alone will do.
MOST_WAITING = 1_000
#: How long a process that ends waits for its last messages to leave.
PATIENCE_SECONDS = 2.0
#: Longer waits are the sweeper's: a message that lies in a worker for minutes is lost with it.
LONGEST_COUNTDOWN = 60.0


@dataclass(frozen=True)
class _WakeUp:
    task: str
    row_id: str
    countdown: float


class _Relay:
    """A queue in this process and the one thread that empties it; made anew after a fork.

    A message that waits already is not put a second time: it will leave after what the second one tells of was
    committed, so it wakes for both. A thousand lines of one transaction ask for one checkpoint, and leave room.
    """

    def __init__(self) -> None:
        self.waiting: queue.Queue[_WakeUp] = queue.Queue(MOST_WAITING)
        self.known: set[_WakeUp] = set()
        self.lock = threading.Lock()
        self.thread: threading.Thread | None = None

    def put(self, wake_up: _WakeUp) -> None:
        with self.lock:
            if self.thread is None or not self.thread.is_alive():
                self.thread = threading.Thread(target=self._work, name="wake-ups", daemon=True)
                self.thread.start()
            waits = wake_up in self.known or self._add(wake_up)
        if not waits:
            log.warning("wake-up dropped, the sweeper will find %s", wake_up.row_id)

    def _add(self, wake_up: _WakeUp) -> bool:
        """Add a message to the queue, if there is room; it is known first, for the thread may take it at once."""
        self.known.add(wake_up)
        try:
            self.waiting.put_nowait(wake_up)
        except queue.Full:
            self.known.discard(wake_up)
            return False
        return True

    def _take(self) -> _WakeUp:
        """Wait for the next message; whoever comes from now on, while it is being sent, needs another."""
        wake_up = self.waiting.get()
        self.known.discard(wake_up)
        return wake_up

    def _work(self) -> None:
        while True:
            _send(self._take())
            self.waiting.task_done()

    def flush(self) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while self.waiting.unfinished_tasks and time.monotonic() < deadline:
            time.sleep(0.01)


_relay = _Relay()
_nobody_listens = threading.Event()


def _renew() -> None:
    global _relay  # noqa: PLW0603 - threads do not survive a fork, so neither does their queue
    _relay = _Relay()


os.register_at_fork(after_in_child=_renew)


@atexit.register
def _flush() -> None:
    _relay.flush()  # looked up now: a fork may have renewed it


def wake_after_commit(task: str, row_id: UUID, *, countdown: float = 0.0) -> None:
    """Send the row's id to the task once the transaction has committed; never raises and never waits."""
    wake_up = _WakeUp(task, str(row_id), countdown)
    if countdown <= LONGEST_COUNTDOWN and not _nobody_listens.is_set():
        # Not a partial: Django would stumble over its missing name while it reports an error.
        transaction.on_commit(lambda: _relay_put(wake_up), robust=True)


@contextmanager
def without_messages() -> Iterator[None]:
    """Send none from this process, in all of its threads: it does the work itself, and there may be no broker."""
    _nobody_listens.set()
    try:
        yield
    finally:
        _nobody_listens.clear()


def _relay_put(wake_up: _WakeUp) -> None:
    reach("wakeup.committed")
    _relay.put(wake_up)


def _send(wake_up: _WakeUp) -> None:
    reach("wakeup.unsent")
    try:
        app.send_task(wake_up.task, args=[wake_up.row_id], countdown=wake_up.countdown or None, retry=False)
        reach("wakeup.sent")
    except Exception as error:  # noqa: BLE001 - whatever the broker's client raises, the sweeper makes up for it
        log.warning("wake-up not sent (%s), the sweeper will find %s", type(error).__name__, wake_up.row_id)
