"""Clock skew between this machine and the database; leases, timeouts and the order of events depend on clocks."""

from django.db import connection
from django.utils import timezone

#: From this many seconds on a clock is wrong, and the difference is not only the time of the measurement.
WRONG_SECONDS = 3.0


def seconds_ahead() -> float:
    """Return the seconds by which this machine's clock is ahead of the database's; negative if it is behind.

    SQLite uses the clock of this machine.
    """
    if connection.vendor != "postgresql":
        return 0.0
    with connection.cursor() as cursor:
        before = timezone.now()
        cursor.execute("SELECT clock_timestamp()")
        (theirs,) = cursor.fetchone()
        after = timezone.now()
    return float((before + (after - before) / 2 - theirs).total_seconds())
