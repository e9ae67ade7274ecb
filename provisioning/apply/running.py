"""Set-ups run in this process, without a broker.

A few threads only send; one, the caller's, writes to the database for all of them, several set-ups in one transaction.
So nobody waits for locks, and a thousand set-ups need few commits.
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

from portal.audit.recording import gathered
from portal.crash_points import reach
from portal.outbound.errors import OutboundError
from portal.outbound.messages import Answer
from portal.outbound.session import close_sessions
from portal.stopping import handing_back
from portal.together import unit_of_work
from portal.wakeups import without_messages
from provisioning import engine
from provisioning.runs import Run, Sending

log = logging.getLogger(__name__)

THREADS = 16
#: A set-up that stumbles so often is left to whoever looks into it.
MOST_ACCIDENTS = 3


@dataclass(frozen=True)
class Job:
    """One request on its way."""

    run: Run
    sending: Sending


@dataclass(frozen=True)
class Done:
    """A request that came back; an exception is a fault of ours, errors of the way are outcomes."""

    job: Job
    outcome: Answer | OutboundError | BaseException


class InProcess:
    """Runs set-ups by id: `put` them, then call `turn` again and again."""

    def __init__(self) -> None:
        self.due: deque[UUID] = deque()
        self.in_hand: set[UUID] = set()
        self.accidents: Counter[UUID] = Counter()
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._done: queue.SimpleQueue[Done] = queue.SimpleQueue()
        self._on_way = 0
        self._threads = [threading.Thread(target=self._work, name=f"apply-{n}", daemon=True) for n in range(THREADS)]

    def put(self, setup_id: UUID) -> None:
        """Have a set-up run when there is room, unless it is in hand."""
        if setup_id not in self.in_hand and not self.gave_up(setup_id):
            self.in_hand.add(setup_id)
            self.due.append(setup_id)

    def gave_up(self, setup_id: UUID) -> bool:
        """Say whether it stumbled too often, which no row tells of."""
        return self.accidents[setup_id] >= MOST_ACCIDENTS

    def turn(self, patience: float) -> None:
        """Write down what came back and send what is next; waits for an answer, at most so many seconds."""
        answered = self._answered(patience)
        jobs = self._next(answered) if answered or self.due else []
        reach("apply.turned")
        for job in jobs:
            self._on_way += 1
            self._jobs.put(job)

    @property
    def is_idle(self) -> bool:
        """Say whether nothing is in hand."""
        return not self._on_way and not self.due

    def _next(self, answered: list[Done]) -> list[Job]:
        room = THREADS - self._on_way
        with transaction.atomic(), gathered():
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
        """Do each work as a unit of its own: one that stumbles must not take the others with it."""
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
            sending = engine.settle(run, done.job.sending, outcome)
            return Job(run, sending) if sending else None

        return settle

    # --- the threads that send ---

    def start(self) -> None:
        """Start the threads."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Begin nothing new, and write down what is on its way: that lasts no longer than one request."""
        self.due.clear()
        while self._on_way:
            answered = self._answered(1.0)
            with transaction.atomic(), gathered(), handing_back():
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
        return engine.deliver(job.run, job.sending)
    except BaseException as error:  # noqa: BLE001 - a thread that died would leave its set-up, and those to come, lying
        return error


@contextmanager
def in_process() -> Iterator[InProcess]:
    """Run set-ups while the block lasts; nothing is published meanwhile."""
    running = InProcess()
    with without_messages():
        running.start()
        try:
            yield running
        finally:
            running.stop()
