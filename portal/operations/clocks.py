"""How far a machine's clock is from the database's: leases, limits and the order of events go by clocks."""

from django.db import connection
from django.utils import timezone

#: From so many seconds on a clock is wrong, and not only read a moment later.
WRONG_SECONDS = 3.0


def seconds_ahead() -> float:
    """Return by how much this machine's clock is ahead of the database's; behind is negative.

    A database in a file has the clock of its machine, which is this one.
    """
    if connection.vendor != "postgresql":
        return 0.0
    with connection.cursor() as cursor:
        before = timezone.now()
        cursor.execute("SELECT clock_timestamp()")
        (theirs,) = cursor.fetchone()
        after = timezone.now()
    return float((before + (after - before) / 2 - theirs).total_seconds())
