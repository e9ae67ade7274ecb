"""The row of a messaging cluster API key that somebody asked for."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models

from portal.vault.sealing import Place


class KeyState(models.TextChoices):
    """Where the making of a key is."""

    QUEUED = "queued", "Waiting for a worker"
    RUNNING = "running", "Being made"
    MADE = "made", "Made"
    FAILED = "failed", "Not made"


class KeyRequest(models.Model):
    """One key that Digital Channels is asked for, once at most: after `sent_at` nothing is sent again.

    `number` counts a tenant's requests; a form holds the last one that it showed, so that two clicks, or two tabs, are
    one request. `sealed` is encrypted: while it waits, where to ask and the credentials of the GWS administrator; once
    the key is made and stored, the key, until the person who asked was shown it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey("tenants.Tenant", on_delete=models.PROTECT, related_name="key_requests")
    setup = models.ForeignKey("provisioning.Setup", on_delete=models.PROTECT, related_name="key_requests")
    number = models.PositiveIntegerField()
    sealed = models.BinaryField(null=True)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    asked_by_label = models.CharField(max_length=320)
    asked_at = models.DateTimeField(auto_now_add=True)
    state = models.CharField(max_length=8, choices=KeyState.choices, default=KeyState.QUEUED)
    lease_until = models.DateTimeField(null=True)
    tries = models.PositiveIntegerField(default=0)
    published_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    sentence = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "number"], name="key_request_once")]

    def __str__(self) -> str:
        """Return where it is."""
        return self.get_state_display()

    def place(self) -> Place:
        """Return where the ciphertext belongs."""
        return Place(self.tenant_id, "provisioning.KeyRequest", self.pk, "sealed")

    @property
    def is_live(self) -> bool:
        """Say whether it is still to come."""
        return self.state in {KeyState.QUEUED, KeyState.RUNNING}

    def can_be_shown_to(self, user_id: Any) -> bool:
        """Say whether the key waits to be shown to this person."""
        return self.state == KeyState.MADE and self.sealed is not None and self.asked_by_id == user_id
