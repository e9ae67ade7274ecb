"""Model of requests for a messaging cluster API key."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models

from portal.vault.sealing import Place


class KeyState(models.TextChoices):
    """States of a key request."""

    QUEUED = "queued", "Waiting for a worker"
    RUNNING = "running", "Being made"
    MADE = "made", "Made"
    FAILED = "failed", "Not made"


class KeyRequest(models.Model):
    """A request that Digital Channels make one key. After `sent_at` nothing is sent again.

    `number` counts a tenant's requests. The form carries the last number that it showed, so a double click or a second
    tab does not create another request.

    `sealed` is encrypted. While the request waits, it holds the authentication URL and the GWS administrator's
    credentials. Once the key is stored, it holds the key until the person who requested it has seen it.
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
        """Return the state."""
        return self.get_state_display()

    def place(self) -> Place:
        """Return the encryption context of `sealed`."""
        return Place(self.tenant_id, "provisioning.KeyRequest", self.pk, "sealed")

    @property
    def is_live(self) -> bool:
        """Return whether it is queued or running."""
        return self.state in {KeyState.QUEUED, KeyState.RUNNING}

    def can_be_shown_to(self, user_id: Any) -> bool:
        """Return whether this person may still be shown the key."""
        return self.state == KeyState.MADE and self.sealed is not None and self.asked_by_id == user_id
