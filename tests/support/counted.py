"""Which tests count for the coverage: the first case of each, unless it is a sweep.

The tracer makes Python more than twice as slow. So it rests while tests are collected and their fixtures made, and
while a test runs that would hardly find a new line: further cases of one test, sweeps over very many alike, browsers
and faults. All tests reach more than is measured.
"""

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from tests.support.files import PROJECT

#: Marks of tests that do not count.
UNCOUNTED = ("sweep", "browser", "faults")
#: By this, children of a test know that they are measured too.
_OF_CHILDREN = "COVERAGE_PROCESS_CONFIG"
_COUNTS = pytest.StashKey[bool]()
#: The packages of the portal, each with the folder that it is imported from.
_PACKAGES = (("", "portal"), ("", "provisioning"), ("numbers", "senders"), ("numbers", "tollfree"))


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Let the tracer rest, but not for what the portal's modules do when they are imported."""
    for folder, package in _PACKAGES:
        for path in sorted((PROJECT / folder / package).rglob("*.py")):
            _import(path.relative_to(PROJECT / folder))
    with _at_rest():
        return (yield)


def _import(path: Path) -> None:
    if path.stem != "__main__" and "migrations" not in path.parts:
        import_module(".".join(path.with_suffix("").parts).removesuffix(".__init__"))


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
    with _at_rest(), _children_at_rest():
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup() -> Iterator[None]:
    """Let it rest while the test's world is made, again and again of the same parts."""
    with _at_rest():
        return (yield)


@contextmanager
def _at_rest() -> Iterator[None]:
    nobody: Any = None  # to trace for no one, which the stubs leave out
    here, in_threads = sys.gettrace(), threading.gettrace()
    sys.settrace(None)
    threading.settrace(nobody)
    try:
        yield
    finally:
        sys.settrace(here)
        threading.settrace(in_threads or nobody)


@contextmanager
def _children_at_rest() -> Iterator[None]:
    of_children = os.environ.pop(_OF_CHILDREN, None)
    try:
        yield
    finally:
        if of_children is not None:
            os.environ[_OF_CHILDREN] = of_children
