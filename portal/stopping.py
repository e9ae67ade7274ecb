"""Whether this process was asked to stop: then it ends what it has begun, and begins nothing new."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from celery.signals import worker_shutting_down

_asked = threading.Event()


def asked() -> bool:
    """Say whether this process should hand back its work at the next safe point."""
    return _asked.is_set()


@contextmanager
def handing_back() -> Iterator[None]:
    """Have work handed back inside the block, as if the process had been asked to stop."""
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
