"""Group commit: small transactions of many threads, committed together.

A worker has dozens of slots, and each needs a short transaction of its own. Separately they would queue for the
database's locks, for Python's lock, and for the disk at each commit. Here one of the waiting threads becomes the
leader: it executes the units of work of all waiting threads in one transaction, while the next ones queue up, and then
passes leadership on. A thread continues only after its own unit has been committed, and waits for no later one.
"""

import threading
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

from django.db import transaction
from django.db.models import Model

from portal.core.db.deadlocks import retry_once
from portal.core.db.sqlite_lock import write_lock

_Result = TypeVar("_Result")


@dataclass
class _Unit:
    """The unit of work of one thread; `key` is the row that it changes."""

    key: UUID
    write: Callable[[], Any]
    woken: threading.Event = field(default_factory=threading.Event)
    is_leader: bool = False
    is_done: bool = False
    result: Any = None
    error: BaseException | None = None

    def do(self) -> None:
        """Execute it inside its own savepoint."""
        try:
            with _context(_contexts.unit):
                self.result = self.write()
        except Exception as error:  # noqa: BLE001 - raised again in the thread that waits for it
            self.error = error

    def end(self) -> None:
        """Let its thread continue."""
        self.is_done = True
        self.woken.set()


class _CommitQueue:
    """Commit queue: waiting units of work, and at most one leader. More leaders gained nothing when measured."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiting: list[_Unit] = []
        self._has_leader = False

    def add(self, work: _Unit) -> None:
        """Add a unit of work; its thread becomes the leader if there is none."""
        with self._guard:
            self._waiting.append(work)
            if not self._has_leader:
                self._has_leader = work.is_leader = True
                work.woken.set()

    def take_all(self) -> list[_Unit]:
        """Return all waiting units, ordered by row, so that two leaders lock the same rows in the same order."""
        with self._guard:
            works, self._waiting = self._waiting, []
        return sorted(works, key=lambda work: work.key)

    def pass_leadership_on(self) -> None:
        """Pass leadership to the next waiting thread, or leave it free."""
        with self._guard:
            if self._waiting:
                self._waiting[0].is_leader = True
                self._waiting[0].woken.set()
            else:
                self._has_leader = False


_queue = _CommitQueue()


@dataclass
class _Contexts:
    """What surrounds a group and each unit in it; set once, by the audit trail, which this package must not import."""

    group: Callable[[], AbstractContextManager[Any]] | None = None
    unit: Callable[[], AbstractContextManager[Any]] | None = None


_contexts = _Contexts()


def use_contexts(
    *, group: Callable[[], AbstractContextManager[Any]], unit: Callable[[], AbstractContextManager[Any]]
) -> None:
    """Set the contexts: `group` inside the transaction of all units, `unit` around each of several units."""
    _contexts.group, _contexts.unit = group, unit


def _context(chosen: Callable[[], AbstractContextManager[Any]] | None) -> AbstractContextManager[Any]:
    if chosen is None:  # without it events of the audit trail would be lost in silence
        raise RuntimeError("group_commit.use_contexts was not called")
    return chosen()


def commit_in_group(key: UUID, write: Callable[[], _Result], rows: Iterable[Model] = ()) -> _Result:
    """Call `write` inside a transaction, possibly shared with others; return its result after the commit.

    `write` may run in another thread, so it must set its own context. After a deadlock it runs once more: `rows` are
    the rows that it changes in memory. Raises the exception of `write` or of the commit; then nothing of it was
    written. Call it outside any transaction.
    """
    return retry_once(partial(_wait_for_turn, key, write), rows)


def _wait_for_turn(key: UUID, write: Callable[[], _Result]) -> _Result:
    mine = _Unit(key, write)
    _queue.add(mine)
    while mine.is_leader or not mine.is_done:
        mine.woken.wait()
        mine.woken.clear()
        if mine.is_leader:  # our unit may be done already, but leadership must still be passed on
            mine.is_leader = False
            _lead()
    if mine.error is not None:
        raise mine.error
    result: _Result = mine.result
    return result


def _lead() -> None:
    works: list[_Unit] = []
    try:
        with write_lock():  # lock first: threads that arrive during the wait are still included
            works = _queue.take_all()
            if works:
                with transaction.atomic(durable=True), _context(_contexts.group):
                    _do_each(works)
    except BaseException as error:  # noqa: BLE001 - nothing was committed, so every thread gets the error
        works = works or _queue.take_all()
        for work in works:
            work.error = error
    finally:
        _queue.pass_leadership_on()
        for work in works:
            work.end()


def _do_each(works: list[_Unit]) -> None:
    if len(works) == 1:  # no savepoint needed: it has the transaction to itself
        works[0].result = works[0].write()
        return
    for work in works:
        work.do()
