"""In-process runner: threads that run set-ups without a broker, for `manage.py apply --inline`."""

import logging
import queue
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.db import connection

from portal.core.tasks.failpoints import failpoint
from portal.core.tasks.publish import without_messages
from portal.core.tasks.shutdown import handing_back
from portal.http_client.session import close_sessions
from provisioning.runs.engine import run

log = logging.getLogger(__name__)

THREADS = 16
#: After this many unexpected errors the set-up is left to a person.
MOST_ACCIDENTS = 3


class InProcess:
    """Threads that run the set-ups whose ids are passed to `put`, as a worker's slots do."""

    def __init__(self) -> None:
        self.in_hand: set[UUID] = set()
        self.accidents: Counter[UUID] = Counter()
        self._due: queue.SimpleQueue[UUID | None] = queue.SimpleQueue()
        self._threads = [threading.Thread(target=self._work, name=f"apply-{n}", daemon=True) for n in range(THREADS)]

    def put(self, setup_id: UUID) -> None:
        """Queue a set-up, unless it is queued or running already."""
        if setup_id not in self.in_hand and not self.gave_up(setup_id):
            self.in_hand.add(setup_id)
            self._due.put(setup_id)

    def gave_up(self, setup_id: UUID) -> bool:
        """Return whether it failed unexpectedly too often, which no row shows."""
        return self.accidents[setup_id] >= MOST_ACCIDENTS

    @property
    def is_busy(self) -> bool:
        """Return whether another set-up waits for each thread."""
        return self._due.qsize() >= THREADS

    def start(self) -> None:
        """Start the threads."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Start nothing new and record what is in flight, which takes no longer than one request."""
        with handing_back():
            while not self._due.empty():
                try:
                    self._due.get_nowait()
                except queue.Empty:  # a thread was faster
                    break
            for _ in self._threads:
                self._due.put(None)
            for thread in self._threads:
                thread.join()

    def _work(self) -> None:
        try:
            while (setup_id := self._due.get()) is not None:
                self._run(setup_id)
        finally:
            close_sessions()
            connection.close()

    def _run(self, setup_id: UUID) -> None:
        try:
            run(setup_id)
        except BaseException:  # a dead thread would abandon its set-up and all later ones
            log.exception("set-up %s stumbled", setup_id)
            self.accidents[setup_id] += 1
        failpoint("apply.turned")
        self.in_hand.discard(setup_id)


@contextmanager
def in_process() -> Iterator[InProcess]:
    """Run set-ups within the block; no task is published meanwhile."""
    running = InProcess()
    with without_messages():
        running.start()
        try:
            yield running
        finally:
            running.stop()
