"""Model of heartbeats."""

from django.db import connection, models
from django.utils import timezone


class HeartKind(models.TextChoices):
    """Kinds of processes with a heartbeat."""

    WORKER = "worker", "Worker"
    ORDERS = "orders", "Worker of orders"
    SWEEPER = "sweeper", "Sweeper"


class Heartbeat(models.Model):
    """The last heartbeat of one worker process or of the sweeper."""

    name = models.CharField(primary_key=True, max_length=200)
    kind = models.CharField(max_length=10, choices=HeartKind.choices)
    at = models.DateTimeField()
    clock_ahead = models.FloatField(default=0.0)  # seconds ahead of the database's clock; negative if behind

    def __str__(self) -> str:
        """Return the name and the time."""
        return f"{self.name} at {self.at:%H:%M:%S}"

    @property
    def clock_is_wrong(self) -> bool:
        """Whether the machine's clock differs by more than the error of the measurement."""
        return abs(self.clock_ahead) >= WRONG_SECONDS

    @property
    def clock_behind(self) -> float:
        """Seconds by which the clock is behind."""
        return -self.clock_ahead


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
