"""Task publishing after commit: wake-up messages to the workers, without waiting for the broker.

The row is the truth and the sweeper finds it, so an unavailable broker costs seconds and no work. A separate thread
talks to the broker, because a page must respond within a second even if Redis accepts a connection and then hangs.
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

from celery import current_app
from django.db import transaction

from portal.core.tasks.failpoints import failpoint

log = logging.getLogger(__name__)

#: Messages that wait while the broker is away; beyond that only the sweeper wakes workers.
MOST_WAITING = 1_000
#: How long an exiting process waits until its last messages are sent.
PATIENCE_SECONDS = 2.0
#: Longer delays are left to the sweeper: a message that a worker holds for minutes is lost if the worker dies.
LONGEST_COUNTDOWN = 60.0


@dataclass(frozen=True)
class _WakeUp:
    task: str
    row_id: str
    countdown: float


class _Relay:
    """A queue in this process and one thread that empties it; created anew after a fork.

    A message that is already waiting is not added twice: it will be sent after the commit that asked for the second
    one, so it wakes the worker for both. A thousand events in one transaction cause one message for the checkpoint.
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
        """Add a message if there is room. It is marked as known first, since the thread may take it at once."""
        self.known.add(wake_up)
        try:
            self.waiting.put_nowait(wake_up)
        except queue.Full:
            self.known.discard(wake_up)
            return False
        return True

    def _take(self) -> _WakeUp:
        """Wait for the next message; from here on, an equal message is queued again."""
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
    global _relay  # noqa: PLW0603 - threads do not survive a fork, so their queue is replaced
    _relay = _Relay()


os.register_at_fork(after_in_child=_renew)


@atexit.register
def _flush() -> None:
    _relay.flush()  # resolved at call time: a fork may have replaced it


def send_task_on_commit(task: str, row_id: UUID, *, countdown: float = 0.0) -> None:
    """Send the row's id to the task after the transaction has committed; never raises and never blocks."""
    wake_up = _WakeUp(task, str(row_id), countdown)
    if countdown <= LONGEST_COUNTDOWN and not _nobody_listens.is_set():
        # A lambda and not a partial: Django needs a function's name when it reports an error.
        transaction.on_commit(lambda: _relay_put(wake_up), robust=True)


@contextmanager
def without_messages() -> Iterator[None]:
    """Send no messages from this process, in any thread: for commands that do the work themselves, without a broker."""
    _nobody_listens.set()
    try:
        yield
    finally:
        _nobody_listens.clear()


def _relay_put(wake_up: _WakeUp) -> None:
    failpoint("wakeup.committed")
    _relay.put(wake_up)


def _send(wake_up: _WakeUp) -> None:
    failpoint("wakeup.unsent")
    try:
        current_app.send_task(wake_up.task, args=[wake_up.row_id], countdown=wake_up.countdown or None, retry=False)
        failpoint("wakeup.sent")
    except Exception as error:  # noqa: BLE001 - the sweeper makes up for any error of the broker's client
        log.warning("wake-up not sent (%s), the sweeper will find %s", type(error).__name__, wake_up.row_id)
