"""The fixtures of all tests; `tests/support/` holds them, sorted by what they stand for."""

import pytest

from tests.support.database import let_tests_arrange_rows, lift_triggers_for_flushes
from tests.support.lock_order import watch_lock_order

pytest_plugins = [
    "tests.support.services",
    "tests.support.cast",
    "tests.support.browser",
    "tests.support.counted",
    "tests.support.order",
]

lift_triggers_for_flushes()


def pytest_sessionstart() -> None:
    """Tell the guard of the history, which is loaded with Django, who is a test; watch the order of locks."""
    let_tests_arrange_rows()
    watch_lock_order()


def pytest_configure(config: pytest.Config) -> None:
    """Name the marker of runs too long for every change."""
    config.addinivalue_line("markers", "slow_faults: long fault runs, for `make faults` only")


@pytest.fixture(scope="session")
def django_db_modify_db_settings() -> None:
    """Keep the database's name: test processes side by side have folders of their own, and children know the name."""
