"""Model of a tenant."""

import uuid

from django.db import models


class Tenant(models.Model):
    """A contact centre. It is archived and never deleted, because its history stays.

    Nexus URL and contact centre id are unique together: many deployments use the vendor's sample id.
    """

    TAKEN = "Another tenant has this contact centre id at this Digital Channels URL already."

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=120)
    ccid = models.UUIDField("contact centre id")
    nexus_url = models.CharField("Digital Channels URL", max_length=300)
    created_at = models.DateTimeField(auto_now_add=True)
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ccid", "nexus_url"], name="tenant_once_per_nexus")]
        indexes = [models.Index(fields=["name", "id"], name="tenant_name")]

    def __str__(self) -> str:
        """Return the name."""
        return self.name
