"""The table of heartbeats."""

from django.db import models


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

    def __str__(self) -> str:
        """Return who, and when."""
        return f"{self.name} at {self.at:%H:%M:%S}"
