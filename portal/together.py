"""Small transactions of many threads, committed together.

A worker has dozens of slots, and each wants a short transaction of its own: they would queue for the database's locks,
for Python's, and for the disk at each commit. Here the first to come writes down what all who wait have to write, in
one transaction, while the next ones gather. Nobody goes on before what they wrote is committed.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from django.db import transaction

from portal.audit.recording import gathered
from portal.turns import turn

_Result = TypeVar("_Result")


@dataclass
class _Work:
    """What one thread wants written; `key` is the row that it is about."""

    key: UUID
    write: Callable[[], Any]
    is_done: bool = False
    result: Any = None
    error: BaseException | None = None

    def do(self) -> None:
        """Write it in a savepoint of its own: one that stumbles must not take the others with it."""
        try:
            with transaction.atomic(), gathered():
                self.result = self.write()
        except Exception as error:  # noqa: BLE001 - it belongs to the thread that waits for it, and is raised there
            self.error = error


_pen = threading.Lock()
_waiting: list[_Work] = []


def together(key: UUID, write: Callable[[], _Result]) -> _Result:
    """Call `write` inside a transaction, perhaps together with others; return what it returned, once committed.

    It may run in another thread, so it sets its own context. Raises what it raised, or what the commit did: then
    nothing of it is written. Call it with no transaction open.
    """
    mine = _Work(key, write)
    _waiting.append(mine)
    with _pen:
        if not mine.is_done:
            _write_down()
    if mine.error is not None:
        raise mine.error
    result: _Result = mine.result
    return result


def _take_all() -> list[_Work]:
    """Return all that waits now, ordered by row: two processes that write about the same rows never wait in a ring."""
    works = [_waiting.pop(0) for _ in range(len(_waiting))]
    return sorted(works, key=lambda work: work.key)


def _write_down() -> None:
    works: list[_Work] = []
    try:
        with turn():  # first: who comes while we wait for it is written down with us, and not after us
            works = _take_all()
            with transaction.atomic(durable=True), gathered():
                _do_each(works)
    except BaseException as error:  # noqa: BLE001 - nothing was committed, and all of them have to know
        works = works or _take_all()
        for work in works:
            work.error = error
    finally:
        for work in works:
            work.is_done = True


def _do_each(works: list[_Work]) -> None:
    if len(works) == 1:  # the transaction is its own
        works[0].result = works[0].write()
        return
    for work in works:
        work.do()
