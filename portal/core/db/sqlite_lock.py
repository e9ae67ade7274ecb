"""SQLite write lock: a fair queue for write transactions.

SQLite allows one writer at a time. A connection that finds it busy sleeps for up to 100 ms and tries again, in no
order. With dozens of slots most of the time is lost in sleep, and some connections wait past every timeout. The kernel
keeps a fair queue for a lock on a file beside the database: the next process continues at once, and a process that dies
leaves the queue.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connection


@contextmanager
def write_lock() -> Iterator[None]:
    """Hold the write lock; enter before the transaction begins. Does nothing on PostgreSQL."""
    if connection.vendor != "sqlite":
        yield
        return
    with Path(f"{connection.settings_dict['NAME']}-turn").open("w") as queue:
        fcntl.flock(queue, fcntl.LOCK_EX)
        try:
            yield
        finally:
            # Unlock explicitly: a process forked in the meantime has the file open too, so closing is not enough.
            fcntl.flock(queue, fcntl.LOCK_UN)
