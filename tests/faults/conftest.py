"""Fixtures of the fault tests: many set-ups at once, and parts that are cut, killed and starved."""

from collections.abc import Callable, Iterable

import pytest

from portal.accounts.models import User
from portal.sandbox.control import Control
from provisioning.models import Setup
from tests.faults import runs

#: Windows so short that what a fault costs is over in seconds.
WINDOWS = {"SETUP_LEASE_SECONDS": "1.5", "SWEEP_SECONDS": "0.5", "SETUP_REPUBLISH_SECONDS": "0.5"}


def again(times: int) -> list[object]:
    """The rounds of a test: the first for every change, the others for `make faults`."""
    return [1, *(pytest.param(number, marks=pytest.mark.slow_faults) for number in range(2, times + 1))]


@pytest.fixture
def person(transactional_db: None) -> User:
    """The administrator of all tenants of a test."""
    from tests.support.cast import new_person

    return new_person("administrator")


@pytest.fixture
def drafts(person: User, sandbox: Control) -> Callable[[int], list[Setup]]:
    """Make that many complete drafts, which would be sent to the sandbox."""
    return lambda count: runs.drafts(person, sandbox.url, count)
