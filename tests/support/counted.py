"""Which tests count for the coverage: the first case of each, unless it is a sweep.

The tracer makes Python more than twice as slow. So it works while the portal's modules are imported and while a test
itself runs, and rests while tests are collected and fixtures made and torn down, and in tests that would hardly find a
new line: further cases of one test, sweeps over very many alike, browsers and faults. All tests reach more than is
measured.
"""

import os
import sys
import threading
from collections.abc import Iterator
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
#: What traces here and in new threads, if anything does.
_TRACER, _IN_THREADS = sys.gettrace(), threading.gettrace()


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Let the tracer rest from now on, once it has seen what the portal's modules do when they are imported."""
    if _TRACER:
        _import_the_portal()
        _trace(None, None)
    return (yield)


def _import_the_portal() -> None:
    for folder, package in _PACKAGES:
        for path in sorted((PROJECT / folder / package).rglob("*.py")):
            _import(path.relative_to(PROJECT / folder))


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
    """Let the children of an uncounted test go untraced too."""
    of_children = None if item.stash[_COUNTS] else os.environ.pop(_OF_CHILDREN, None)
    try:
        return (yield)
    finally:
        if of_children is not None:
            os.environ[_OF_CHILDREN] = of_children


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Trace a test that counts."""
    if not item.stash[_COUNTS]:
        return (yield)
    _trace(_TRACER, _IN_THREADS)
    try:
        return (yield)
    finally:
        _trace(None, None)


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish() -> None:
    """Leave the tracer as it was found."""
    _trace(_TRACER, _IN_THREADS)


def _trace(here: Any, in_threads: Any) -> None:
    sys.settrace(here)
    threading.settrace(in_threads)
