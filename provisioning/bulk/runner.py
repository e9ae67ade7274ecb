"""In-process runner: runs set-ups without a broker, for `manage.py apply --inline`.

Some threads only send requests. The caller's thread does all database writes, several set-ups in one transaction. So
threads never wait for locks, and a thousand set-ups need few commits.
"""

import logging
import queue
import threading
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from portal.audit.recording import batch_events
from portal.audit.transactions import unit_of_work
from portal.core.tasks.failpoints import failpoint
from portal.core.tasks.publish import without_messages
from portal.core.tasks.shutdown import handing_back
from portal.http_client.errors import OutboundError
from portal.http_client.messages import Answer
from portal.http_client.session import close_sessions
from provisioning.runs import engine
from provisioning.runs.claims import Run, Sending

log = logging.getLogger(__name__)

THREADS = 16
#: After this many unexpected errors the set-up is left to a person.
MOST_ACCIDENTS = 3


@dataclass(frozen=True)
class Job:
    """A request in flight."""

    run: Run
    sending: Sending


@dataclass(frozen=True)
class Done:
    """A finished request. An OutboundError is a normal outcome; any other exception is a bug of ours."""

    job: Job
    outcome: Answer | OutboundError | BaseException


class InProcess:
    """Runs set-ups: pass ids to `put`, then call `write_lock` repeatedly."""

    def __init__(self) -> None:
        self.due: deque[UUID] = deque()
        self.in_hand: set[UUID] = set()
        self.accidents: Counter[UUID] = Counter()
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._done: queue.SimpleQueue[Done] = queue.SimpleQueue()
        self._on_way = 0
        self._threads = [threading.Thread(target=self._work, name=f"apply-{n}", daemon=True) for n in range(THREADS)]

    def put(self, setup_id: UUID) -> None:
        """Queue a set-up, unless it is queued or running already."""
        if setup_id not in self.in_hand and not self.gave_up(setup_id):
            self.in_hand.add(setup_id)
            self.due.append(setup_id)

    def gave_up(self, setup_id: UUID) -> bool:
        """Return whether it failed unexpectedly too often, which no row shows."""
        return self.accidents[setup_id] >= MOST_ACCIDENTS

    def turn(self, patience: float) -> None:
        """Record finished requests and send the next ones; wait at most `patience` seconds for an answer."""
        answered = self._answered(patience)
        jobs = self._next(answered) if answered or self.due else []
        failpoint("apply.turned")
        for job in jobs:
            self._on_way += 1
            self._jobs.put(job)

    @property
    def is_idle(self) -> bool:
        """Return whether nothing is queued or in flight."""
        return not self._on_way and not self.due

    def _next(self, answered: list[Done]) -> list[Job]:
        room = THREADS - self._on_way
        with transaction.atomic(), batch_events():
            jobs = self._each([(done.job.run.setup.pk, self._settling(done)) for done in answered])
            taken = [self.due.popleft() for _ in range(min(room - len(jobs), len(self.due)))]
            return jobs + self._each([(setup_id, self._taking(setup_id)) for setup_id in taken])

    def _answered(self, patience: float) -> list[Done]:
        answered: list[Done] = []
        while self._on_way:
            wait = 0 if answered or (self.due and self._on_way < THREADS) else patience
            try:
                answered.append(self._done.get(timeout=wait) if wait else self._done.get_nowait())
            except queue.Empty:
                break
            self._on_way -= 1
        return answered

    def _each(self, works: list[tuple[UUID, Callable[[], Job | None]]]) -> list[Job]:
        """Run each function as its own unit of work, so that a failure does not affect the others."""
        jobs = []
        for setup_id, work in works:
            job = None
            try:
                with unit_of_work():
                    job = work()
            except Exception:
                log.exception("set-up %s stumbled", setup_id)
                self.accidents[setup_id] += 1
            if job is None:
                self.in_hand.discard(setup_id)
            else:
                jobs.append(job)
        return jobs

    @staticmethod
    def _taking(setup_id: UUID) -> Callable[[], Job | None]:
        def take() -> Job | None:
            run, sending = engine.take(setup_id) or (None, None)
            return Job(run, sending) if run and sending else None

        return take

    @staticmethod
    def _settling(done: Done) -> Callable[[], Job | None]:
        def settle() -> Job | None:
            run, outcome = done.job.run, done.outcome
            if not isinstance(outcome, Answer | OutboundError):
                raise outcome
            sending = engine.record_result(run, done.job.sending, outcome)
            return Job(run, sending) if sending else None

        return settle

    # --- sender threads ---

    def start(self) -> None:
        """Start the threads."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Start nothing new and record what is in flight, which takes no longer than one request."""
        self.due.clear()
        while self._on_way:
            answered = self._answered(1.0)
            with transaction.atomic(), batch_events(), handing_back():
                self._each([(done.job.run.setup.pk, self._settling(done)) for done in answered])
        for _ in self._threads:
            self._jobs.put(None)
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        try:
            while (job := self._jobs.get()) is not None:
                self._done.put(Done(job, _delivered(job)))
        finally:
            close_sessions()


def _delivered(job: Job) -> Answer | OutboundError | BaseException:
    try:
        return engine.send_request(job.run, job.sending)
    except BaseException as error:  # noqa: BLE001 - a dead thread would abandon its set-up and all later ones
        return error


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
