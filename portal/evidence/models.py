"""Models of evidence packs, integrity checks, and the state of anchoring."""

import uuid

from django.db import models
from django.db.models import Q


class PackState(models.TextChoices):
    """States of a pack."""

    QUEUED = "queued", "Waiting for a worker"
    RUNNING = "running", "Being made"
    DONE = "done", "Ready"
    FAILED = "failed", "Not made"


class Pack(models.Model):
    """A requested evidence pack; its file is kept under VAR_DIR for a day."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    asked_by_id = models.UUIDField(null=True)
    asked_by_label = models.CharField(max_length=320)
    asked_at = models.DateTimeField(auto_now_add=True)
    # Hash of requester and request: while one is queued or running, the same is not created again.
    request_key = models.CharField(max_length=64, blank=True)
    chains = models.JSONField()  # the chains' ids: tenants', and "site"
    begin = models.DateTimeField(null=True)
    end = models.DateTimeField(null=True)
    state = models.CharField(max_length=10, choices=PackState.choices, default=PackState.QUEUED)
    lease_until = models.DateTimeField(null=True)
    tries = models.PositiveIntegerField(default=0)
    published_at = models.DateTimeField(null=True)
    # Named after the lease: a worker that lost its lease never overwrites the next one's file.
    file = models.CharField(max_length=80, blank=True)
    events_done = models.PositiveBigIntegerField(default=0)
    events_all = models.PositiveBigIntegerField(default=0)
    size = models.PositiveBigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    problem = models.CharField(max_length=500, blank=True)
    finished_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["asked_by_id", "-asked_at"], name="pack_asked_by")]
        constraints = [
            models.UniqueConstraint(
                fields=["request_key"],
                condition=Q(state__in=["queued", "running"]) & ~Q(request_key=""),
                name="pack_one_live",
            )
        ]

    def __str__(self) -> str:
        """Return the requester and the state."""
        return f"{self.asked_by_label}: {self.get_state_display()}"

    @property
    def is_live(self) -> bool:
        """Return whether it is queued or running."""
        return self.state in {PackState.QUEUED, PackState.RUNNING}

    @property
    def percent(self) -> int:
        """Return the progress in percent."""
        return min(100, 100 * self.events_done // self.events_all) if self.events_all else 0


class Verification(models.Model):
    """One integrity check of the whole database."""

    started_at = models.DateTimeField(db_index=True)
    finished_at = models.DateTimeField(null=True)
    events = models.PositiveBigIntegerField(default=0)
    chains = models.PositiveBigIntegerField(default=0)
    checkpoints = models.PositiveBigIntegerField(default=0)
    in_folder = models.PositiveBigIntegerField(default=0)
    problems = models.JSONField(default=list)

    def __str__(self) -> str:
        """Return the time and the result."""
        return f"{self.started_at:%Y-%m-%d %H:%M}: {'whole' if self.whole else 'not whole'}"

    @property
    def whole(self) -> bool:
        """Return whether it is finished without problems."""
        return self.finished_at is not None and not self.problems


class Anchoring(models.Model):
    """The result of the last attempt to sign and anchor a checkpoint: a single row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    at = models.DateTimeField()
    in_folder = models.PositiveBigIntegerField(default=0)
    trouble = models.CharField(max_length=500, blank=True)

    def __str__(self) -> str:
        """Return the problem, or "anchored"."""
        return self.trouble or "anchored"
