"""Group commit: small transactions of many threads, committed together.

A worker has dozens of slots, and each needs a short transaction of its own. Separately they would queue for the
database's locks, for Python's lock, and for the disk at each commit. Here one of the waiting threads becomes the
leader: it executes the units of work of all waiting threads in one transaction, while the next ones queue up, and then
passes leadership on. A thread continues only after its own unit has been committed, and waits for no later one.
"""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

from django.db import transaction
from django.db.models import Model

from portal.audit.guarded import demanding_a_line
from portal.audit.recording import gathered
from portal.deadlocks import retry_once
from portal.turns import turn

_Result = TypeVar("_Result")


@dataclass
class _Work:
    """The unit of work of one thread; `key` is the row that it changes."""

    key: UUID
    write: Callable[[], Any]
    woken: threading.Event = field(default_factory=threading.Event)
    has_pen: bool = False
    is_done: bool = False
    result: Any = None
    error: BaseException | None = None

    def do(self) -> None:
        """Execute it inside its own savepoint."""
        try:
            with unit_of_work():
                self.result = self.write()
        except Exception as error:  # noqa: BLE001 - raised again in the thread that waits for it
            self.error = error

    def end(self) -> None:
        """Let its thread continue."""
        self.is_done = True
        self.woken.set()


class _Desk:
    """Commit queue: waiting units of work, and at most one leader. More leaders gained nothing when measured."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiting: list[_Work] = []
        self._pen_in_use = False

    def queue_up(self, work: _Work) -> None:
        """Add a unit of work; its thread becomes the leader if there is none."""
        with self._guard:
            self._waiting.append(work)
            if not self._pen_in_use:
                self._pen_in_use = work.has_pen = True
                work.woken.set()

    def take_all(self) -> list[_Work]:
        """Return all waiting units, ordered by row, so that two leaders lock the same rows in the same order."""
        with self._guard:
            works, self._waiting = self._waiting, []
        return sorted(works, key=lambda work: work.key)

    def hand_on(self) -> None:
        """Pass leadership to the next waiting thread, or leave it free."""
        with self._guard:
            if self._waiting:
                self._waiting[0].has_pen = True
                self._waiting[0].woken.set()
            else:
                self._pen_in_use = False


_desk = _Desk()


@contextmanager
def unit_of_work() -> Iterator[None]:
    """Run the block inside a savepoint as if it had its own transaction.

    An error in one unit does not affect the others, and each unit that changes something must record an event of its
    own.
    """
    with transaction.atomic(), gathered() as lines, demanding_a_line(lines):
        yield


def together(key: UUID, write: Callable[[], _Result], rows: Iterable[Model] = ()) -> _Result:
    """Call `write` inside a transaction, possibly shared with others; return its result after the commit.

    `write` may run in another thread, so it must set its own context. After a deadlock it runs once more: `rows` are
    the rows that it changes in memory. Raises the exception of `write` or of the commit; then nothing of it was
    written. Call it outside any transaction.
    """
    return retry_once(partial(_take_part, key, write), rows)


def _take_part(key: UUID, write: Callable[[], _Result]) -> _Result:
    mine = _Work(key, write)
    _desk.queue_up(mine)
    while mine.has_pen or not mine.is_done:
        mine.woken.wait()
        mine.woken.clear()
        if mine.has_pen:  # our unit may be done already, but leadership must still be passed on
            mine.has_pen = False
            _write_down()
    if mine.error is not None:
        raise mine.error
    result: _Result = mine.result
    return result


def _write_down() -> None:
    works: list[_Work] = []
    try:
        with turn():  # lock first: threads that arrive during the wait are still included
            works = _desk.take_all()
            if works:
                with transaction.atomic(durable=True), gathered():
                    _do_each(works)
    except BaseException as error:  # noqa: BLE001 - nothing was committed, so every thread gets the error
        works = works or _desk.take_all()
        for work in works:
            work.error = error
    finally:
        _desk.hand_on()
        for work in works:
            work.end()


def _do_each(works: list[_Work]) -> None:
    if len(works) == 1:  # no savepoint needed: it has the transaction to itself
        works[0].result = works[0].write()
        return
    for work in works:
        work.do()
