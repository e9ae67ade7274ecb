"""The table of heartbeats."""

from django.db import models

from portal.operations.clocks import WRONG_SECONDS


class HeartKind(models.TextChoices):
    """What beats."""

    WORKER = "worker", "Worker"
    ORDERS = "orders", "Worker of orders"
    SWEEPER = "sweeper", "Sweeper"


class Heartbeat(models.Model):
    """The last sign of life of one worker process or sweeper."""

    name = models.CharField(primary_key=True, max_length=200)
    kind = models.CharField(max_length=10, choices=HeartKind.choices)
    at = models.DateTimeField()
    clock_ahead = models.FloatField(default=0.0)  # seconds, against the database's clock; behind is negative

    def __str__(self) -> str:
        """Return who, and when."""
        return f"{self.name} at {self.at:%H:%M:%S}"

    @property
    def clock_is_wrong(self) -> bool:
        """Whether the clock of its machine is off by more than a look at it takes."""
        return abs(self.clock_ahead) >= WRONG_SECONDS

    @property
    def clock_behind(self) -> float:
        """Seconds by which it is behind."""
        return -self.clock_ahead
