"""What is to be told by e-mail."""

import uuid
from typing import ClassVar

from django.db import models


class Announcement(models.Model):
    """Something that began to wait, to be told once to each person for whom it waits then.

    `told` lists who was, by id, and `failed` why the e-mail to somebody was not sent; `over_at`: nobody more is to be
    told.
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
        """Return what is told about."""
        return f"{self.kind} {self.row_id}"
