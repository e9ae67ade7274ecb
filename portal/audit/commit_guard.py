"""Commit guard: a transaction that changed one of our tables and recorded no event cannot commit.

The guard reads the SQL statements, so it covers models, managers, bulk operations, `portal.core.db.fast_sql` and raw
SQL. For each writing statement it checks whether the table is ours, whether the change is exempt (see `unaudited`), and
whether a transaction is open in which the event can follow. At the outermost commit the transaction must contain an
event, or it is rolled back with ChangeWithoutEvent. In a group commit each unit of work must contain one
(`portal.core.db.group_commit`).

The guard catches mistakes, not attacks: anybody who can change the code can also disable it.
"""

import re
from collections.abc import Callable, Iterator, Sized
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final
from weakref import WeakKeyDictionary

from django.apps import apps
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model

from portal.audit.models import Event
from portal.audit.unaudited_columns import REASONS
from portal.core.db import fast_sql
from portal.core.transactions import is_open

_WRITES = re.compile(
    r"\b(?:INSERT(?:\s+OR\s+\w+)?\s+INTO|REPLACE\s+INTO|UPDATE(?:\s+OR\s+\w+)?(?:\s+ONLY)?|DELETE\s+FROM(?:\s+ONLY)?"
    r"|TRUNCATE(?:\s+TABLE)?(?:\s+ONLY)?|MERGE\s+INTO|COPY)\s+(?:\"?\w+\"?\.)?\"?(?P<table>\w+)\"?",
    re.IGNORECASE,
)
_UPDATE = re.compile(r"\s*UPDATE\b.*?\bSET\b(?P<changes>.*?)(?:\bWHERE\b|\Z)", re.IGNORECASE | re.DOTALL)
_COLUMN = re.compile(r"(?:\A|,)\s*\"?(\w+)\"?\s*=")
#: Forms of assignment that `_COLUMN` would match only in part.
_UNREADABLE = re.compile(r"(?:\A|,)\s*\(|\bSELECT\b", re.IGNORECASE)
#: Prefixes of statements that change nothing. These are the most frequent ones, and each savepoint has a new name.
_HARMLESS = ("SELECT", "SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK TO SAVEPOINT")
#: Longer statements, from bulk operations, are not cached: their texts would fill the memory.
_LONGEST_REMEMBERED = 4000
#: Separator between statements that are sent together.
_BETWEEN = re.compile(r";\s*")
#: Marks an exempt statement that is deferred, and so possibly sent after its block has ended.
_REMARK: Final = "/* bookkeeping */ "


class ChangeWithoutEvent(DatabaseError):
    """A change of one of our tables had no event; it was refused or rolled back."""


_bookkeeping: ContextVar[bool] = ContextVar("audit_bookkeeping", default=False)


@contextmanager
def unaudited() -> Iterator[None]:
    """Exempt the statements inside the block from the need for an event. A comment there must say why."""
    token, remark = _bookkeeping.set(True), fast_sql.remark.set(_REMARK)
    try:
        yield
    finally:
        fast_sql.remark.reset(remark)
        _bookkeeping.reset(token)


def is_exempt() -> bool:
    """Return whether the running code is exempt; tests replace this function."""
    return _bookkeeping.get()


def is_ours(model: type[Model]) -> bool:
    """Return whether the guard watches the model's table."""
    return _meta(model).app_label in _own_apps()


@cache
def _own_apps() -> frozenset[str]:
    """Labels of the apps under the project's root, without the packages that a `.venv` there holds."""
    paths = {config.label: Path(config.path) for config in apps.get_app_configs()}
    return frozenset(
        label
        for label, path in paths.items()
        if path.is_relative_to(settings.BASE_DIR) and "site-packages" not in path.parts
    )


@cache
def watched() -> dict[str, frozenset[str]]:
    """Return the watched tables, each with its exempt columns."""
    models = [model for model in apps.get_models(include_auto_created=True) if is_ours(model)]
    return {_meta(model).db_table: _free_columns(model) for model in models if _meta(model).label not in REASONS}


def _free_columns(model: type[Model]) -> frozenset[str]:
    fields = _meta(model).concrete_fields
    return frozenset(field.column for field in fields if f"{_meta(model).label}.{field.name}" in REASONS)


@dataclass(frozen=True)
class _Reading:
    """The effect of an SQL text: the watched tables that it changes, and whether it writes an event."""

    changed: frozenset[str] = frozenset()
    writes_event: bool = False
    is_several: bool = False


_NOTHING = _Reading()


def _read(sql: str) -> _Reading:
    if sql.startswith(_HARMLESS) and ";" not in sql:
        return _NOTHING
    return _remembered(sql) if len(sql) < _LONGEST_REMEMBERED else _read_anew(sql)


def _read_anew(sql: str) -> _Reading:
    statements = [each for each in _BETWEEN.split(sql) if each]
    tables = frozenset[str]().union(*map(_tables_of, set(statements)))
    return _Reading(tables - {_LINE}, _LINE in tables, len(statements) > 1)


_remembered = lru_cache(maxsize=2048)(_read_anew)


def _tables_of(statement: str) -> frozenset[str]:
    """Return the watched tables, and the event table, that one statement changes."""
    if statement.startswith(_REMARK):
        return frozenset()
    found = {str(match["table"]) for match in _WRITES.finditer(statement)}
    if _LINE in found:
        return frozenset({_LINE})
    return frozenset(table for table in found & watched().keys() if not _is_all_free(statement, watched()[table]))


def _is_all_free(statement: str, free: frozenset[str]) -> bool:
    """Return whether it is an UPDATE of exempt columns only; False if it cannot be parsed for certain."""
    update = _UPDATE.match(statement) if free else None
    if update is None or _UNREADABLE.search(update["changes"]):
        return False
    columns = set(_COLUMN.findall(update["changes"]))
    return bool(columns) and columns <= free


class _Watch:
    """The changes and events of one connection's transaction, each with the depth of its savepoint."""

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self.connection = connection
        self.changes: list[tuple[int, str]] = []
        self.events: list[int] = []

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: Any, context: dict[str, Any]) -> Any:
        """Execute one statement and note what it changed (an `execute_wrapper`)."""
        reading = _read(str(sql))
        if not reading.changed and not reading.writes_event:
            return execute(sql, params, many, context)
        changed = reading.changed
        if not reading.is_several and is_exempt():
            changed = frozenset()
        if changed and self.is_outermost():
            raise ChangeWithoutEvent(f"{min(changed)} changes only in a transaction that also records an event")
        result = execute(sql, params, many, context)
        depth = self.depth()
        self.events += [depth] * reading.writes_event
        if reading.is_several or context["cursor"].rowcount != 0 or "RETURNING" in str(sql):
            # An UPDATE without a match changed nothing. (SQLite counts RETURNING rows only once they are fetched.)
            self.changes += [(depth, table) for table in changed]
        return result

    def depth(self) -> int:
        """Return the number of open savepoints; a block without its own is rolled back with its outer block."""
        return sum(each is not None for each in self.connection.savepoint_ids)

    def is_outermost(self) -> bool:
        """Return whether none of our own atomic blocks is open; the one around a Django test case does not count."""
        return not is_open(self.connection)

    def demand_line(self) -> None:
        """Reset the transaction's state, and raise ChangeWithoutEvent if an event is missing."""
        changed, events = self.changes, self.events
        self.forget()
        _refuse_unless(bool(events), changed)

    def forget(self) -> None:
        """Reset the state."""
        self.changes, self.events = [], []

    def join(self) -> None:
        """Assign the changes and events of a released savepoint to the enclosing block."""
        depth = self.depth()
        self.changes = [(min(depth, deep), table) for deep, table in self.changes]
        self.events = [min(depth, deep) for deep in self.events]

    def drop(self) -> None:
        """Drop the changes and events of a rolled back savepoint."""
        depth = self.depth()
        self.changes = [(deep, table) for deep, table in self.changes if deep <= depth]
        self.events = [deep for deep in self.events if deep <= depth]


def _refuse_unless(has_line: bool, changes: list[tuple[int, str]]) -> None:  # noqa: FBT001 - it is the condition
    if changes and not has_line:
        changed = ", ".join(sorted({table for _, table in changes}))
        raise ChangeWithoutEvent(f"a change of {changed} came with no event")


_watches: WeakKeyDictionary[BaseDatabaseWrapper, _Watch] = WeakKeyDictionary()
_LINE: Final = Event._meta.db_table  # noqa: SLF001 - Django's public API


@contextmanager
def require_event(waiting: Sized) -> Iterator[None]:
    """Require an event of this block as if it were a transaction: events of other units do not count.

    The block must be inside a savepoint, which the exception rolls back. `waiting` are its events that are written
    later.
    """
    guard = _watches[connections[DEFAULT_DB_ALIAS]]
    changes, events = guard.changes, guard.events
    guard.forget()
    try:
        yield
        _refuse_unless(bool(guard.events or waiting), guard.changes)
    finally:
        guard.changes, guard.events = changes + guard.changes, events + guard.events


def watch(connection: BaseDatabaseWrapper, **_: Any) -> None:
    """Install the guard on a connection (receiver of `connection_created`)."""
    if (known := _watches.get(connection)) is not None:
        known.forget()  # the connection was lost, and its transaction with it
        return
    guard = _watches[connection] = _Watch(connection)
    connection.execute_wrappers.append(guard)
    wrapped: Any = connection  # typed as Any because mypy rejects methods replaced on an instance
    wrapped.commit = _after(guard.demand_line, connection.commit)
    wrapped.rollback = _after(guard.forget, connection.rollback)
    wrapped.savepoint_commit = _after(lambda: _end_savepoint(guard), connection.savepoint_commit)
    wrapped.savepoint_rollback = _after(guard.drop, connection.savepoint_rollback)


def lift_for_migrate(**_: Any) -> None:
    """Exempt everything during a migrate: its code was reviewed, and no person acts in it."""
    _bookkeeping.set(True)


def restore_after_migrate(**_: Any) -> None:
    """End the exemption after a migrate."""
    _bookkeeping.set(False)


def _after(first: Callable[[], None], then: Callable[..., None]) -> Callable[..., None]:
    def both(*args: Any) -> None:
        first()
        then(*args)

    return both


def _end_savepoint(guard: _Watch) -> None:
    if guard.is_outermost():
        guard.demand_line()
    else:
        guard.join()


def _meta(model: type[Model]) -> Any:  # its attributes are typed too loosely to help
    return model._meta  # noqa: SLF001 - a documented API of Django, despite the underscore
