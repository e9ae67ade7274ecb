"""Emptying the database between tests, although its history is append-only."""

from typing import Any

from django.db import connections
from django.test import TransactionTestCase

from portal.audit import triggers

_TEST_CASE: Any = TransactionTestCase  # Django's stubs leave out the step that empties the database
_flush = _TEST_CASE._fixture_teardown  # noqa: SLF001 - no public hook stands before it


def _flush_with_triggers_lifted(self: Any) -> None:
    used = [connections[alias] for alias in self._databases_names(include_mirrors=False)]
    for connection in used:
        triggers.drop(connection)
    _flush(self)
    for connection in used:
        triggers.create(connection)


def lift_triggers_for_flushes() -> None:
    """Let transactional tests empty the history; everywhere else the triggers stand."""
    _TEST_CASE._fixture_teardown = _flush_with_triggers_lifted  # noqa: SLF001 - the same
