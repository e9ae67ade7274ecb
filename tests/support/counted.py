"""Which tests count for the coverage: the first case of each, unless it is a sweep.

The tracer makes Python more than twice as slow. So it rests while a test runs that would hardly find a new line:
further cases of one test, sweeps over very many alike, browsers and faults. All tests reach more than is measured.
"""

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

#: Marks of tests that do not count.
UNCOUNTED = ("sweep", "browser", "faults")
#: By this, children of a test know that they are measured too.
_OF_CHILDREN = "COVERAGE_PROCESS_CONFIG"
_COUNTS = pytest.StashKey[bool]()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Find the first case of each test."""
    seen = set[str]()
    for item in items:
        test = item.nodeid.partition("[")[0]
        item.stash[_COUNTS] = test not in seen and not any(map(item.get_closest_marker, UNCOUNTED))
        seen.add(test)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Let the tracer rest while an uncounted test runs."""
    if item.stash[_COUNTS]:
        return (yield)
    with _at_rest():
        return (yield)


@contextmanager
def _at_rest() -> Iterator[None]:
    nobody: Any = None  # to trace for no one, which the stubs leave out
    here, in_threads = sys.gettrace(), threading.gettrace()
    of_children = os.environ.pop(_OF_CHILDREN, None)
    sys.settrace(None)
    threading.settrace(nobody)
    try:
        yield
    finally:
        sys.settrace(here)
        threading.settrace(in_threads or nobody)
        if of_children is not None:
            os.environ[_OF_CHILDREN] = of_children
