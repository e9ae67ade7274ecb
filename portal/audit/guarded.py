"""Nothing changes without a line: a transaction that changed one of our tables and wrote no line cannot commit.

The guard reads the statements that go to the database, so it holds for every way there: models, managers, bulk work,
`portal.rows`, raw SQL. It asks three things of a statement that writes: is the table one of ours, is it no bookkeeping
(see `bookkeeping`), and is a transaction open in which the line can follow. At the outermost commit the transaction
must hold a line, or it is rolled back with ChangeWithoutLine. Of units of work that are committed together each must
hold one (`portal.together`).

It keeps honest code from forgetting; who can change the code can also lift the guard.
"""

import re
from collections.abc import Callable, Iterator, Sized
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, Final
from weakref import WeakKeyDictionary

from django.apps import apps
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model

from portal import rows
from portal.audit.bookkeeping import REASONS
from portal.audit.models import Event

#: The packages whose tables the guard watches.
OURS: Final = frozenset({"portal", "provisioning", "senders", "tollfree"})
_WRITES = re.compile(
    r"\b(?:INSERT(?:\s+OR\s+\w+)?\s+INTO|REPLACE\s+INTO|UPDATE(?:\s+OR\s+\w+)?(?:\s+ONLY)?|DELETE\s+FROM(?:\s+ONLY)?"
    r"|TRUNCATE(?:\s+TABLE)?(?:\s+ONLY)?|MERGE\s+INTO|COPY)\s+(?:\"?\w+\"?\.)?\"?(?P<table>\w+)\"?",
    re.IGNORECASE,
)
_UPDATE = re.compile(r"\s*UPDATE\b.*?\bSET\b(?P<changes>.*?)(?:\bWHERE\b|\Z)", re.IGNORECASE | re.DOTALL)
_COLUMN = re.compile(r"(?:\A|,)\s*\"?(\w+)\"?\s*=")
#: Ways to assign of which `_COLUMN` would see a part only.
_UNREADABLE = re.compile(r"(?:\A|,)\s*\(|\bSELECT\b", re.IGNORECASE)
#: Begin statements that change nothing, most of all that there are; savepoints have a name of their own each time.
_HARMLESS = ("SELECT", "SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK TO SAVEPOINT")
#: Longer statements, of much at once, are read each time: their texts would fill the memory.
_LONGEST_REMEMBERED = 4000
#: What stands between statements that travel together.
_BETWEEN = re.compile(r";\s*")
#: Stands before a statement of bookkeeping that travels with others, and is perhaps sent when its block has ended.
_REMARK: Final = "/* bookkeeping */ "


class ChangeWithoutLine(DatabaseError):
    """A change of one of our tables would have gone unrecorded; it was refused or rolled back."""


_bookkeeping: ContextVar[bool] = ContextVar("audit_bookkeeping", default=False)


@contextmanager
def bookkeeping() -> Iterator[None]:
    """Let statements of this block change our tables without a line. The comment beside it says why."""
    token, remark = _bookkeeping.set(True), rows.remark.set(_REMARK)
    try:
        yield
    finally:
        rows.remark.reset(remark)
        _bookkeeping.reset(token)


def needs_no_line() -> bool:
    """Say whether the running code does bookkeeping; tests put a question of their own in this place."""
    return _bookkeeping.get()


def is_ours(model: type[Model]) -> bool:
    """Say whether the model's table is one that the guard watches."""
    return model.__module__.partition(".")[0] in OURS


@cache
def watched() -> dict[str, frozenset[str]]:
    """Return the tables whose changes need a line, each with its columns that do not."""
    models = [model for model in apps.get_models(include_auto_created=True) if is_ours(model)]
    return {_meta(model).db_table: _free_columns(model) for model in models if _meta(model).label not in REASONS}


def _free_columns(model: type[Model]) -> frozenset[str]:
    fields = _meta(model).concrete_fields
    return frozenset(field.column for field in fields if f"{_meta(model).label}.{field.name}" in REASONS)


@dataclass(frozen=True)
class _Reading:
    """What a text that goes to the database changes: watched tables; whether it writes a line, and is several."""

    changed: frozenset[str] = frozenset()
    writes_line: bool = False
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
    """Return the watched tables, and that of the lines, that one statement changes."""
    if statement.startswith(_REMARK):
        return frozenset()
    found = {str(match["table"]) for match in _WRITES.finditer(statement)}
    if _LINE in found:
        return frozenset({_LINE})
    return frozenset(table for table in found & watched().keys() if not _is_all_free(statement, watched()[table]))


def _is_all_free(statement: str, free: frozenset[str]) -> bool:
    """Say whether it is an UPDATE of such columns alone; one that cannot be read for certain is not."""
    update = _UPDATE.match(statement) if free else None
    if update is None or _UNREADABLE.search(update["changes"]):
        return False
    columns = set(_COLUMN.findall(update["changes"]))
    return bool(columns) and columns <= free


class _Watch:
    """What one connection's transaction changed, and whether it wrote a line; each with the depth of its savepoint."""

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self.connection = connection
        self.changes: list[tuple[int, str]] = []
        self.lines: list[int] = []

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: Any, context: dict[str, Any]) -> Any:
        """Carry out one statement, and note what it changed (an `execute_wrapper`)."""
        reading = _read(str(sql))
        if not reading.changed and not reading.writes_line:
            return execute(sql, params, many, context)
        changed = reading.changed
        if not reading.is_several and needs_no_line():
            changed = frozenset()
        if changed and self.is_outermost():
            raise ChangeWithoutLine(f"{min(changed)} changes only in a transaction that also writes a line of history")
        result = execute(sql, params, many, context)
        depth = self.depth()
        self.lines += [depth] * reading.writes_line
        if reading.is_several or context["cursor"].rowcount != 0 or "RETURNING" in str(sql):
            # An UPDATE that found no row changed nothing. (SQLite counts what it returns only when that is fetched.)
            self.changes += [(depth, table) for table in changed]
        return result

    def depth(self) -> int:
        """Return in how many savepoints we are; a block that has none of its own is undone with the one around it."""
        return sum(each is not None for each in self.connection.savepoint_ids)

    def is_outermost(self) -> bool:
        """Say whether no block of our own is open; the one that Django's tests put around a test does not count."""
        blocks: list[Any] = self.connection.atomic_blocks
        return all(block._from_testcase for block in blocks)  # noqa: SLF001 - as Django's `durable` does

    def demand_line(self) -> None:
        """Forget the transaction, and raise ChangeWithoutLine if it owes a line."""
        changed, lines = self.changes, self.lines
        self.forget()
        _refuse_unless(bool(lines), changed)

    def forget(self) -> None:
        """Begin anew."""
        self.changes, self.lines = [], []

    def join(self) -> None:
        """Let what the savepoint that just ended holds belong to the block around it."""
        depth = self.depth()
        self.changes = [(min(depth, deep), table) for deep, table in self.changes]
        self.lines = [min(depth, deep) for deep in self.lines]

    def drop(self) -> None:
        """Forget what the savepoint that was just undone held."""
        depth = self.depth()
        self.changes = [(deep, table) for deep, table in self.changes if deep <= depth]
        self.lines = [deep for deep in self.lines if deep <= depth]


def _refuse_unless(has_line: bool, changes: list[tuple[int, str]]) -> None:  # noqa: FBT001 - it is the condition
    if changes and not has_line:
        changed = ", ".join(sorted({table for _, table in changes}))
        raise ChangeWithoutLine(f"a change of {changed} came with no line of history")


_watches: WeakKeyDictionary[BaseDatabaseWrapper, _Watch] = WeakKeyDictionary()
_LINE: Final = Event._meta.db_table  # noqa: SLF001 - Django's public API


@contextmanager
def demanding_a_line(waiting: Sized) -> Iterator[None]:
    """Demand a line of this block as of a transaction of its own: what a neighbour writes does not pay for it.

    The block lies in a savepoint, which the exception undoes. `waiting` are the block's lines that are written later.
    """
    guard = _watches[connections[DEFAULT_DB_ALIAS]]
    changes, lines = guard.changes, guard.lines
    guard.forget()
    try:
        yield
        _refuse_unless(bool(guard.lines or waiting), guard.changes)
    finally:
        guard.changes, guard.lines = changes + guard.changes, lines + guard.lines


def watch(connection: BaseDatabaseWrapper, **_: Any) -> None:
    """Put the guard before a connection (receiver of `connection_created`)."""
    if (known := _watches.get(connection)) is not None:
        known.forget()  # it was lost and made again, and its transaction with it
        return
    guard = _watches[connection] = _Watch(connection)
    connection.execute_wrappers.append(guard)
    wrapped: Any = connection  # its methods are replaced on this one object, which mypy does not like to see
    wrapped.commit = _after(guard.demand_line, connection.commit)
    wrapped.rollback = _after(guard.forget, connection.rollback)
    wrapped.savepoint_commit = _after(lambda: _end_savepoint(guard), connection.savepoint_commit)
    wrapped.savepoint_rollback = _after(guard.drop, connection.savepoint_rollback)


def lift_for_migrate(**_: Any) -> None:
    """Let a migrate change what it must: the code that it comes from is reviewed, and runs with nobody's hand in it."""
    _bookkeeping.set(True)


def stand_after_migrate(**_: Any) -> None:
    """Stand again after a migrate."""
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


def _meta(model: type[Model]) -> Any:  # its parts are typed too loosely to help
    return model._meta  # noqa: SLF001 - Django's public API, in spite of its name
