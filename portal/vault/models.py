"""The table of stored secrets."""

import uuid

from django.conf import settings
from django.db import models

from portal.vault.kinds import Kind
from portal.vault.sealing import Place


class Credential(models.Model):
    """A stored secret of a tenant. Its value leaves through `vault.actions.reveal` and nowhere else."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey("tenants.Tenant", on_delete=models.PROTECT, related_name="credentials")
    kind = models.CharField(max_length=40)  # a Kind; without choices, so that a new kind needs no migration
    ciphertext = models.BinaryField()
    fingerprint = models.CharField(max_length=16)
    set_at = models.DateTimeField()
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    set_by_label = models.CharField(max_length=320)
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "kind"], name="credential_once_per_kind")]

    def __str__(self) -> str:
        """Return the kind and fingerprint; never the value."""
        return f"{self.label} {self.fingerprint}"

    @property
    def label(self) -> str:
        """Return what it is, in words."""
        return str(Kind(self.kind).label)

    def place(self) -> Place:
        """Return where its ciphertext belongs."""
        return Place(self.tenant_id, "vault.Credential", self.pk, "ciphertext")
