"""The table of sender IDs."""

import uuid

from django.db import models


class SenderState(models.TextChoices):
    """How far a sender ID is."""

    DRAFT = "draft", "Draft"


class SenderId(models.Model):
    """A number from which a tenant sends SMS."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey("tenants.Tenant", on_delete=models.PROTECT, related_name="sender_ids")
    number = models.CharField(max_length=15)
    provider = models.CharField(max_length=20)
    state = models.CharField(max_length=16, choices=SenderState.choices, default=SenderState.DRAFT)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "number"], name="sender_once_per_tenant")]

    def __str__(self) -> str:
        """Return the number."""
        return self.number
