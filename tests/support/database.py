"""Tests arrange rows by hand and empty the database, although its history is append-only and its tables are guarded.

Django's own flush empties every table and makes content types and permissions anew, 80 ms for each test. Here only
those tables are emptied that hold a row, and what a migrate makes stays.
"""

import sys
from functools import cache
from pathlib import Path
from typing import Any

from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import TransactionTestCase

from portal.audit import commit_guard, triggers

_TESTS = str(Path(__file__).parents[1])
_BETWEEN = (
    "/django/",
    "/contextlib.py",
    "/portal/audit/commit_guard.py",
    "/portal/core/db/fast_sql.py",
    "/tests/support/lock_order.py",
)
_TEST_CASE: Any = TransactionTestCase  # Django's stubs leave out the step that empties the database
#: Made by a migrate, and the same for every test.
_KEPT = {"django_migrations", "django_content_type", "auth_permission"}


def _empty_what_was_filled(self: Any) -> None:
    for alias in self._databases_names(include_mirrors=False):
        connection = connections[alias]
        if filled := _filled(connection):
            triggers.drop(connection)
            with commit_guard.unaudited():
                _empty(connection, filled)
            triggers.create(connection)


def _filled(connection: BaseDatabaseWrapper) -> list[str]:
    names = _names(connection.alias)
    parts = [f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM {quoted})" for name, quoted in names]  # noqa: S608 - our own tables
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts))
        return [name for (name,) in cursor.fetchall()]


@cache
def _names(alias: str) -> list[tuple[str, str]]:
    connection = connections[alias]
    names = connection.introspection.django_table_names(only_existing=True, include_views=False)
    return [(name, connection.ops.quote_name(name)) for name in sorted(names) if name not in _KEPT]


def _empty(connection: BaseDatabaseWrapper, filled: list[str]) -> None:
    quoted = [connection.ops.quote_name(name) for name in filled]
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"TRUNCATE {', '.join(quoted)} CASCADE")
        return
    with connection.constraint_checks_disabled(), transaction.atomic(connection.alias), connection.cursor() as cursor:
        for name in quoted:
            cursor.execute(f"DELETE FROM {name}")  # noqa: S608 - our own tables


def lift_triggers_for_flushes() -> None:
    """Let transactional tests empty the history; everywhere else the triggers stand."""
    _TEST_CASE._fixture_teardown = _empty_what_was_filled  # noqa: SLF001 - no public hook stands before it


def does_a_test() -> bool:
    """Say whether a test's own code sends the running statement: it arranges what the portal could never do."""
    frame: Any = sys._getframe(1)  # noqa: SLF001 - there is no public way to the caller of a caller
    while frame and any(part in frame.f_code.co_filename for part in _BETWEEN):
        frame = frame.f_back
    return frame is not None and frame.f_code.co_filename.startswith(_TESTS)


def let_tests_arrange_rows() -> None:
    """Ask the guard's question of the portal's code alone."""
    of_the_portal = commit_guard.is_exempt
    commit_guard.is_exempt = lambda: of_the_portal() or does_a_test()
