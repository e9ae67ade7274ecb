"""Retry of a transaction that the database ended for the sake of another one.

Two transactions that wait for each other's rows would wait for ever, so PostgreSQL ends one of them (a deadlock);
SQLite ends one that waited too long for the write lock. Rows are locked in one order (see `portal.audit.transactions`),
which makes this rare. Where it happens all the same the transaction is run once more: nothing of it was written, and
nothing goes out inside a transaction, so nothing happens twice.
"""

import copy
import logging
import sqlite3
from collections.abc import Callable, Iterable
from typing import Any, Final, TypeVar

from django.db import OperationalError, connection
from django.db.models import Model

_Result = TypeVar("_Result")

#: PostgreSQL's codes of a deadlock and of a serialization failure.
_SQLSTATES: Final = frozenset({"40P01", "40001"})
#: SQLite's codes, without the extension in their higher bits: busy and locked.
_SQLITE_CODES: Final = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_SQLITE_PRIMARY: Final = 0xFF

log = logging.getLogger(__name__)


def is_conflict(error: BaseException | None) -> bool:
    """Say whether the database ended a transaction for the sake of another: then running it again can succeed."""
    if not isinstance(error, OperationalError):
        return False
    cause = error.__cause__
    if isinstance(cause, sqlite3.Error):
        return getattr(cause, "sqlite_errorcode", 0) & _SQLITE_PRIMARY in _SQLITE_CODES
    return getattr(cause, "sqlstate", None) in _SQLSTATES


def retry_once(transact: Callable[[], _Result], rows: Iterable[Model] = ()) -> _Result:
    """Call `transact`, which opens and commits a transaction, and once more if that was ended by a conflict.

    `rows` are those that it changes in memory: they are put back before the second time. Inside a transaction nothing
    is tried again, since only the whole of it can be.
    """
    if connection.in_atomic_block:
        return transact()
    before = _Memory(rows)
    try:
        return transact()
    except OperationalError as error:
        if not is_conflict(error):
            raise
        log.warning("a transaction was ended for the sake of another (%s); it is run once more", error.__cause__)
    before.restore()
    return transact()


class _Memory:
    """What rows hold in memory, and the rows that they have fetched."""

    def __init__(self, rows: Iterable[Model]) -> None:
        self._kept: dict[int, tuple[Model, dict[str, Any]]] = {}
        for row in rows:
            self._keep(row)

    def _keep(self, row: Model) -> None:
        if id(row) in self._kept:
            return
        self._kept[id(row)] = (row, _copied(row.__dict__))
        for related in row._state.fields_cache.values():  # noqa: SLF001 - Django's documented place of such rows
            if isinstance(related, Model):
                self._keep(related)

    def restore(self) -> None:
        """Put everything back as it was."""
        for row, values in self._kept.values():
            row.__dict__.clear()
            row.__dict__.update(values)


def _copied(values: dict[str, Any]) -> dict[str, Any]:
    state = copy.copy(values["_state"])
    state.fields_cache = {**state.fields_cache}
    return {**values, "_state": state}
