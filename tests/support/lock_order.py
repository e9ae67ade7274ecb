"""The heads of the history's chains are locked last: whoever locks a row after them fails the test.

Holders of a head who wait for a row, and holders of the row who wait for the head, end in a deadlock. The statements of
the portal's own code are watched; on SQLite those that write, on PostgreSQL those that lock as well.
"""

import re
from collections.abc import Callable
from typing import Any
from weakref import WeakSet

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from portal.audit import commit_guard
from tests.support.database import does_a_test

_LOCKS = re.compile(
    r"(?:\A|;)\s*(?:/\*.*?\*/\s*)?"
    r"(?:(?:INSERT\s+INTO|UPDATE|DELETE\s+FROM)\s+\"?(?P<table>\w+)\"?"
    r"|SELECT\b[^;]*?\bFROM\s+\"?(?P<read>\w+)\"?[^;]*\bFOR\s+(?:NO\s+KEY\s+)?UPDATE\b)",
    re.IGNORECASE,
)
#: The history itself, and its checkpoints, which sign the heads that are locked.
_OF_THE_HISTORY = "audit_"
_EVENTS = "audit_event"
#: Connections whose transaction holds an event that the portal wrote.
_told: WeakSet[BaseDatabaseWrapper] = WeakSet()


class LockedAfterTheChain(AssertionError):
    """A row was locked after the head of a chain."""


def _watch(execute: Callable[..., Any], sql: str, params: Any, many: Any, context: dict[str, Any]) -> Any:
    connection = context["connection"]
    guard = commit_guard._watches.get(connection)  # noqa: SLF001 - it knows what a transaction wrote
    if guard is None or guard.is_outermost() or does_a_test():
        _told.discard(connection)
        return execute(sql, params, many, context)
    tables = {str(match["table"] or match["read"]) for match in _LOCKS.finditer(str(sql))}
    late = sorted(table for table in tables if not table.startswith(_OF_THE_HISTORY))
    if late and guard.events and connection in _told:
        raise LockedAfterTheChain(f"{', '.join(late)} after an event; use portal.audit.transactions")
    if _EVENTS in tables:
        _told.add(connection)
    return execute(sql, params, many, context)


def _watch_connection(connection: BaseDatabaseWrapper, **_: Any) -> None:
    if _watch not in connection.execute_wrappers:
        connection.execute_wrappers.append(_watch)


def watch_lock_order() -> None:
    """Watch every connection of this process."""
    connection_created.connect(_watch_connection, dispatch_uid="tests.lock_order")
