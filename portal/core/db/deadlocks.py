"""Retry of a transaction after a deadlock or a serialization failure.

When two transactions wait for each other's rows, PostgreSQL aborts one of them (a deadlock). SQLite aborts one that has
waited too long for the write lock. Rows are locked in one order (see `portal.audit.transactions`), so this is rare.
When it happens, the transaction runs once more. That is safe: nothing of it was written, and no request is sent inside
a transaction.
"""

import copy
import logging
import sqlite3
from collections.abc import Callable, Iterable
from typing import Any, Final, TypeVar

from django.db import InternalError, OperationalError, connection
from django.db.models import Model

_Result = TypeVar("_Result")

#: PostgreSQL's codes for a deadlock and for a serialization failure.
_SQLSTATES: Final = frozenset({"40P01", "40001"})
#: PostgreSQL's code for a write to a server that is read-only.
_READ_ONLY: Final = "25006"
#: SQLite's primary result codes (the lower eight bits) for busy and locked.
_SQLITE_CODES: Final = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_SQLITE_PRIMARY: Final = 0xFF

log = logging.getLogger(__name__)


def is_conflict(error: BaseException | None) -> bool:
    """Return whether the database aborted a transaction because of another one, so that a retry can succeed."""
    if not isinstance(error, OperationalError):
        return False
    cause = error.__cause__
    if isinstance(cause, sqlite3.Error):
        return getattr(cause, "sqlite_errorcode", 0) & _SQLITE_PRIMARY in _SQLITE_CODES
    return getattr(cause, "sqlstate", None) in _SQLSTATES


def is_read_only(error: BaseException | None) -> bool:
    """Return whether the database accepts no writes at all, like the standby of a PostgreSQL."""
    return isinstance(error, InternalError) and getattr(error.__cause__, "sqlstate", None) == _READ_ONLY


def retry_once(transact: Callable[[], _Result], rows: Iterable[Model] = ()) -> _Result:
    """Call `transact`, which opens and commits a transaction; after a conflict, call it once more.

    `rows` are the rows that it changes in memory; they are restored before the retry. Inside an outer transaction
    nothing is retried, because only the outermost one can be.
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
    """A copy of the values that rows hold in memory, and of the related rows that they have loaded."""

    def __init__(self, rows: Iterable[Model]) -> None:
        self._kept: dict[int, tuple[Model, dict[str, Any]]] = {}
        for row in rows:
            self._keep(row)

    def _keep(self, row: Model) -> None:
        if id(row) in self._kept:
            return
        self._kept[id(row)] = (row, _copied(row.__dict__))
        for related in row._state.fields_cache.values():  # noqa: SLF001 - Django's documented cache of related rows
            if isinstance(related, Model):
                self._keep(related)

    def restore(self) -> None:
        """Restore all values."""
        for row, values in self._kept.values():
            row.__dict__.clear()
            row.__dict__.update(values)


def _copied(values: dict[str, Any]) -> dict[str, Any]:
    state = copy.copy(values["_state"])
    state.fields_cache = {**state.fields_cache}
    return {**values, "_state": state}
