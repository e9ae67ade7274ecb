"""Whether this worker was asked to stop: then it ends what it has begun, and begins nothing new."""

import threading
from typing import Any

from celery.signals import worker_shutting_down

_asked = threading.Event()


def asked() -> bool:
    """Say whether this process should hand back its work at the next safe point."""
    return _asked.is_set()


@worker_shutting_down.connect
def _ask(**_: Any) -> None:
    _asked.set()
