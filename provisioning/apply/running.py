"""Set-ups run in this process, without a broker: a few threads, each with its kept-alive connections."""

import logging
import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

from django.db import connection

from portal.outbound.session import close_sessions
from portal.wakeups import without_messages
from provisioning import engine

log = logging.getLogger(__name__)

THREADS = 16
#: A set-up that makes its thread fail so often is left to whoever looks into it.
MOST_ACCIDENTS = 3


class Threads:
    """Runs set-ups by id; `in_hand` are those that wait for a thread or have one."""

    def __init__(self) -> None:
        self.waiting: queue.SimpleQueue[UUID | None] = queue.SimpleQueue()
        self.in_hand: set[UUID] = set()
        self.accidents: dict[UUID, int] = {}
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._work, name=f"apply-{n}", daemon=True) for n in range(THREADS)]

    def start(self) -> None:
        """Start the threads."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Begin nothing new, and wait for what is on its way: no longer than one request lasts."""
        while not self.waiting.empty():
            self.waiting.get()
        for _ in self._threads:
            self.waiting.put(None)
        for thread in self._threads:
            thread.join()

    def put(self, setup_id: UUID) -> None:
        """Have a set-up run, unless it is in hand."""
        with self._lock:
            if setup_id in self.in_hand or self.accidents.get(setup_id, 0) >= MOST_ACCIDENTS:
                return
            self.in_hand.add(setup_id)
        self.waiting.put(setup_id)

    def gave_up(self, setup_id: UUID) -> bool:
        """Say whether it failed in a way that no row tells of."""
        return self.accidents.get(setup_id, 0) >= MOST_ACCIDENTS

    def _work(self) -> None:
        try:
            while (setup_id := self.waiting.get()) is not None:
                self._run(setup_id)
        finally:
            close_sessions()
            connection.close()

    def _run(self, setup_id: UUID) -> None:
        try:
            engine.run(setup_id)
        except Exception as error:  # a thread that died of one set-up would leave all the others lying
            log.exception("set-up %s stumbled (%s)", setup_id, type(error).__name__)
            with self._lock:
                self.accidents[setup_id] = self.accidents.get(setup_id, 0) + 1
        finally:
            with self._lock:
                self.in_hand.discard(setup_id)


@contextmanager
def threads() -> Iterator[Threads]:
    """Run set-ups while the block lasts; nothing is published meanwhile."""
    pool = Threads()
    with without_messages():
        pool.start()
        try:
            yield pool
        finally:
            pool.stop()


def is_due(state: str, not_before: datetime | None, lease_until: datetime | None, now: datetime) -> bool:
    """Say whether a set-up can be claimed, as `engine.claimable` asks the database."""
    if state == "queued":
        return not_before is None or not_before <= now
    return state == "running" and lease_until is not None and lease_until < now
