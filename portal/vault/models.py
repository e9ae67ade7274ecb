"""Model of stored credentials."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from portal.vault.binding import OF_CLIENTS, Binding
from portal.vault.encryption import EncryptionContext
from portal.vault.kinds import Kind


class Credential(models.Model):
    """A stored credential of a tenant. Only the vault's actions decrypt its value.

    `origins`, `nexus_origin` and `client_id` are its binding: where it may be sent, and its OAuth client. `draft` is
    the id of the draft in which it was entered, until the set-up starts; live work uses only rows without one. When
    another client's secret replaces a client's secret, the old row stays with `is_current` false, and is used only for
    the numbers that its client owns.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey("tenants.Tenant", on_delete=models.PROTECT, related_name="credentials")
    kind = models.CharField(max_length=40)  # a Kind; without choices, so that a new kind needs no migration
    origins = models.CharField(max_length=700, blank=True, default="")
    nexus_origin = models.CharField(max_length=300, blank=True, default="")
    client_id = models.CharField(max_length=100, blank=True, default="")
    draft = models.CharField(max_length=36, blank=True, default="")
    is_current = models.BooleanField(default=True)
    ciphertext = models.BinaryField()
    fingerprint = models.CharField(max_length=16)
    set_at = models.DateTimeField()
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    set_by_label = models.CharField(max_length=320)
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "kind", "draft"],
                condition=~Q(kind__in=sorted(kind.value for kind in OF_CLIENTS)),
                name="credential_once_per_kind",
            ),
            models.UniqueConstraint(
                fields=["tenant", "kind", "draft", "client_id", "origins"], name="credential_once_per_client"
            ),
        ]

    def __str__(self) -> str:
        """Return the kind and fingerprint; never the value."""
        return f"{self.label} {self.fingerprint}"

    @property
    def label(self) -> str:
        """Return the label of its kind."""
        return str(Kind(self.kind).label)

    @property
    def binding(self) -> Binding:
        """Return where it may be sent."""
        return Binding(self.origins, self.nexus_origin, self.client_id)

    @binding.setter
    def binding(self, binding: Binding) -> None:
        self.origins, self.nexus_origin, self.client_id = binding.origins, binding.nexus_origin, binding.client_id

    def place(self) -> EncryptionContext:
        """Return the encryption context of its ciphertext."""
        return EncryptionContext(self.tenant_id, "vault.Credential", self.pk, "ciphertext", self.binding.context())
