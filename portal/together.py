"""Small transactions of many threads, committed together.

A worker has dozens of slots, and each wants a short transaction of its own: they would queue for the database's locks,
for Python's, and for the disk at each commit. Here one of those who wait writes down what all of them have to write, in
one transaction, while the next ones gather; then it hands the pen on. Nobody goes on before what they wrote is
committed, and nobody waits for more than that.
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
    """What one thread wants written; `key` is the row that it is about."""

    key: UUID
    write: Callable[[], Any]
    woken: threading.Event = field(default_factory=threading.Event)
    has_pen: bool = False
    is_done: bool = False
    result: Any = None
    error: BaseException | None = None

    def do(self) -> None:
        """Write it as a unit of its own."""
        try:
            with unit_of_work():
                self.result = self.write()
        except Exception as error:  # noqa: BLE001 - it belongs to the thread that waits for it, and is raised there
            self.error = error

    def end(self) -> None:
        """Let its thread go on."""
        self.is_done = True
        self.woken.set()


class _Desk:
    """Those who wait, and the one pen: more of them were measured, and brought nothing on either engine."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiting: list[_Work] = []
        self._pen_in_use = False

    def queue_up(self, work: _Work) -> None:
        """Wait for the pen, or for the one who has it."""
        with self._guard:
            self._waiting.append(work)
            if not self._pen_in_use:
                self._pen_in_use = work.has_pen = True
                work.woken.set()

    def take_all(self) -> list[_Work]:
        """Return all that waits now, ordered by row: two who write about the same rows never wait in a ring."""
        with self._guard:
            works, self._waiting = self._waiting, []
        return sorted(works, key=lambda work: work.key)

    def hand_on(self) -> None:
        """Give the pen to the next who waits, or lay it down."""
        with self._guard:
            if self._waiting:
                self._waiting[0].has_pen = True
                self._waiting[0].woken.set()
            else:
                self._pen_in_use = False


_desk = _Desk()


@contextmanager
def unit_of_work() -> Iterator[None]:
    """Let the block share a transaction as if it had its own.

    One that stumbles does not take the others with it; a change without a line does not commit by the line of another.
    """
    with transaction.atomic(), gathered() as lines, demanding_a_line(lines):
        yield


def together(key: UUID, write: Callable[[], _Result], rows: Iterable[Model] = ()) -> _Result:
    """Call `write` inside a transaction, perhaps together with others; return what it returned, once committed.

    It may run in another thread, so it sets its own context, and after a deadlock it runs once more: `rows` are those
    that it changes in memory. Raises what it raised, or what the commit did: then nothing of it is written. Call it
    with no transaction open.
    """
    return retry_once(partial(_take_part, key, write), rows)


def _take_part(key: UUID, write: Callable[[], _Result]) -> _Result:
    mine = _Work(key, write)
    _desk.queue_up(mine)
    while mine.has_pen or not mine.is_done:
        mine.woken.wait()
        mine.woken.clear()
        if mine.has_pen:  # somebody else may have done ours meanwhile; the pen must go on all the same
            mine.has_pen = False
            _write_down()
    if mine.error is not None:
        raise mine.error
    result: _Result = mine.result
    return result


def _write_down() -> None:
    works: list[_Work] = []
    try:
        with turn():  # first: who comes while we wait for it is written down with us, and not after us
            works = _desk.take_all()
            if works:
                with transaction.atomic(durable=True), gathered():
                    _do_each(works)
    except BaseException as error:  # noqa: BLE001 - nothing was committed, and all of them have to know
        works = works or _desk.take_all()
        for work in works:
            work.error = error
    finally:
        _desk.hand_on()
        for work in works:
            work.end()


def _do_each(works: list[_Work]) -> None:
    if len(works) == 1:  # the transaction is its own
        works[0].result = works[0].write()
        return
    for work in works:
        work.do()
