"""Model of notification e-mails (outbox)."""

import uuid
from typing import ClassVar

from django.db import models


class OutboxMessage(models.Model):
    """Outbox message: a new pending item, announced once to each person for whom it waits.

    `run_action` lists the ids of people who got the e-mail, and `failed` maps ids to the reason why an e-mail was not
    sent; `over_at` is set when no more e-mails are to be sent.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey("tenants.Tenant", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=40)
    row_id = models.UUIDField()
    at = models.DateTimeField()
    published_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)
    tries = models.PositiveIntegerField(default=0)
    told = models.JSONField(default=list)
    failed = models.JSONField(default=dict)
    over_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["over_at", "published_at"], name="announcement_open")]

    def __str__(self) -> str:
        """Return the item that is announced."""
        return f"{self.kind} {self.row_id}"
