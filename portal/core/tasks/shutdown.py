"""Graceful shutdown: a flag that workers check before they start something new."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from celery.signals import worker_shutting_down

_asked = threading.Event()


def is_requested() -> bool:
    """Return whether this process should release its work at the next safe point."""
    return _asked.is_set()


@contextmanager
def handing_back() -> Iterator[None]:
    """Behave inside the block as if the process had been asked to shut down."""
    was_asked = _asked.is_set()
    _asked.set()
    try:
        yield
    finally:
        if not was_asked:
            _asked.clear()


@worker_shutting_down.connect
def _ask(**_: Any) -> None:
    _asked.set()
