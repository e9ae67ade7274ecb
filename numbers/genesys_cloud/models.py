"""Models of the Genesys Cloud client: access tokens and connection tests."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q

from portal.vault.encryption import EncryptionContext


class AccessToken(models.Model):
    """The one access token of an OAuth client in Genesys Cloud, encrypted and shared by all workers.

    It belongs to two addresses: the login URL that issued it and the API URL that it is sent to. A draft's client has
    its own token, so that trying it does not affect live work.

    `serial` counts renewals, including failed ones, so that a waiting worker sees that another worker's renewal has
    ended. The worker with the lease (`renewing_until`) renews; the others wait, or use the current token.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey("tenants.Tenant", on_delete=models.PROTECT, related_name="+")
    login_url = models.CharField(max_length=300)
    api_url = models.CharField(max_length=300)
    client_id = models.CharField(max_length=100)
    draft = models.CharField(max_length=36, blank=True, default="")
    ciphertext = models.BinaryField(null=True)
    obtained_at = models.DateTimeField(null=True)
    renew_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    refused_at = models.DateTimeField(
        null=True, help_text="When a call with this token was refused for want of a role."
    )
    serial = models.PositiveIntegerField(default=0)
    renewing_until = models.DateTimeField(null=True)
    failure = models.TextField(blank=True, help_text="Why the last renewal failed; empty if it did not.")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["tenant", "login_url", "api_url", "client_id", "draft"], name="token_once_per_client"
            )
        ]

    def __str__(self) -> str:
        """Return which client the token belongs to, never the token itself."""
        return f"token of {self.client_id} at {self.login_url}"

    def place(self) -> EncryptionContext:
        """Return the encryption context of the ciphertext."""
        return EncryptionContext(self.tenant_id, "genesys_cloud.AccessToken", self.pk, "ciphertext")


class Mistake(models.TextChoices):
    """The likely mistake when Genesys Cloud cannot be used."""

    NONE = "", "Nothing"
    API_FOR_LOGIN = "api_for_login", "The API's address stands where the login's belongs"
    WRONG_REGION = "wrong_region", "Wrong region"
    WRONG_SECRET = "wrong_secret", "Wrong client id or secret"
    WRONG_GRANT = "wrong_grant", "Not a Client Credentials client"
    MISSING_ROLE = "missing_role", "Missing role or permission"
    NOT_REACHABLE = "not_reachable", "Not reachable"
    NO_API_THERE = "no_api_there", "Not the API of Genesys Cloud"
    BUSY = "busy", "Too many requests"
    OTHER = "other", "Something else"


class ConnectionTest(models.Model):
    """A test of the connection, with its result and the toll-free numbers that it saw.

    It runs within the page's request and holds a lease: meanwhile no second test can start.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey("tenants.Tenant", on_delete=models.PROTECT, related_name="+")
    login_url = models.CharField(max_length=300)
    api_url = models.CharField(max_length=300)
    client_id = models.CharField(max_length=100)
    at = models.DateTimeField()
    by_label = models.CharField(max_length=320)
    lease_until = models.DateTimeField(null=True, help_text="Until when it may still run; empty: it has ended.")
    ok = models.BooleanField(default=False)
    mistake = models.CharField(max_length=20, choices=Mistake.choices, blank=True)
    sentence = models.TextField()
    numbers = models.JSONField(default=list)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["tenant", "at"], name="connection_test_of_tenant")]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["tenant"], condition=Q(lease_until__isnull=False), name="connection_test_one_live"
            )
        ]

    def __str__(self) -> str:
        return self.sentence
