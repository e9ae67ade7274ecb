"""The order of the tests: those that take long come first, so that no test process is left alone with one at the end.

Test processes take portions of the list in its order, and from one another when they are done with theirs. So the
first portions begin with what drives browsers, kills workers and sweeps over very many cases. No more than two of them:
such tests side by side wait for each other's processors, and those who watch a clock would not like it.
"""

import os
from typing import Final

import pytest

from tests.support.counted import UNCOUNTED

#: In so many portions the long tests come first.
HANDS: Final = 2


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Sort them, with the same result in all test processes."""
    processes = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    long = _dealt([item for item in items if _takes_long(item)], min(HANDS, processes))
    short = [item for item in items if not _takes_long(item)]
    portion = -(-len(items) // processes)
    ordered: list[pytest.Item] = []
    for number in range(processes):
        begun = long[number] if number < len(long) else []
        ordered += begun + [short.pop(0) for _ in range(min(len(short), portion - len(begun)))]
    items[:] = ordered + short


def _dealt(items: list[pytest.Item], hands: int) -> list[list[pytest.Item]]:
    return [items[hand::hands] for hand in range(hands)]


def _takes_long(item: pytest.Item) -> bool:
    return any(map(item.get_closest_marker, UNCOUNTED))
