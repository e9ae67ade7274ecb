"""The fixtures of all tests; `tests/support/` holds them, sorted by what they stand for."""

import pytest

from tests.support.database import lift_triggers_for_flushes

pytest_plugins = [
    "tests.support.services",
    "tests.support.cast",
    "tests.support.browser",
]

lift_triggers_for_flushes()


def pytest_configure(config: pytest.Config) -> None:
    """Name the marker of runs too long for every change."""
    config.addinivalue_line("markers", "slow_faults: long fault runs, for `make faults` only")
