"""Writers of SQLite take turns.

SQLite has one writer at a time, and whoever finds it busy sleeps and tries again, up to 100 ms later and in no order.
With dozens of slots most of the time is slept away so, and some wait beyond every time-out. The kernel keeps a fair
queue for a lock on a file beside the database: the next one goes on at once, and a process that dies leaves the queue.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connection


@contextmanager
def turn() -> Iterator[None]:
    """Wait for the turn to write, before the transaction begins; PostgreSQL needs no turns."""
    if connection.vendor != "sqlite":
        yield
        return
    with Path(f"{connection.settings_dict['NAME']}-turn").open("w") as queue:
        fcntl.flock(queue, fcntl.LOCK_EX)
        try:
            yield
        finally:
            # Not only by closing: a process that was forked in the meantime has the file open as well.
            fcntl.flock(queue, fcntl.LOCK_UN)
