"""The table of stored secrets."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from portal.vault.binding import OF_CLIENTS, Binding
from portal.vault.kinds import Kind
from portal.vault.sealing import Place


class Credential(models.Model):
    """A stored secret of a tenant. Its value leaves through `vault.actions.reveal` and nowhere else.

    `origins`, `nexus_origin` and `client_id` are its binding: where it may be sent, and the OAuth client that it opens.
    `draft` is the id of the set-up's draft that it was entered in, until that is started; live work reads rows without
    one. A client's secret stays when another client's takes its place: it is not current any more, and serves only the
    numbers that its client has.
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
        """Return what it is, in words."""
        return str(Kind(self.kind).label)

    @property
    def binding(self) -> Binding:
        """Return where it may be sent."""
        return Binding(self.origins, self.nexus_origin, self.client_id)

    @binding.setter
    def binding(self, binding: Binding) -> None:
        self.origins, self.nexus_origin, self.client_id = binding.origins, binding.nexus_origin, binding.client_id

    def place(self) -> Place:
        """Return where its ciphertext belongs."""
        return Place(self.tenant_id, "vault.Credential", self.pk, "ciphertext", self.binding.context())
