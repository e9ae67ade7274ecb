"""Models of the inventory: owned numbers, notes on their verification, and refreshes of the list."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models

from senders.fields import PhoneNumberField


class Verification(models.TextChoices):
    """State of the carriers' verification. No API reports it, so users keep it here.

    A toll-free number must be verified before it carries traffic; Genesys takes the form by e-mail.
    """

    NOT_STARTED = "not_started", "Not started"
    FORM_SENT = "form_sent", "Form sent"
    IN_REVIEW = "in_review", "In review"
    NEEDS_ANSWER = "needs_answer", "Needs an answer"
    VERIFIED = "verified", "Verified"
    REFUSED = "refused", "Refused"


class OwnedNumber(models.Model):
    """A toll-free number of a tenant, in international format without +.

    - `status` is Genesys Cloud's own word, `more` holds all other fields of its response.
    - `last_seen_at`: when the list last showed the number; empty if it was ordered here and is not listed yet.
    - `gone_since`: since when the list of the number's client no longer shows it.
    - `login_url` and `client_id` identify that client, because perhaps no other client can see the number.
    - `explained_at`: when somebody explained why only one side knows the number.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey("tenants.Tenant", on_delete=models.PROTECT, related_name="owned_numbers")
    number = PhoneNumberField(max_length=15)
    status = models.CharField(max_length=60, blank=True)
    comment = models.TextField(blank=True)
    email = models.CharField(max_length=254, blank=True)
    owner = models.CharField(max_length=200, blank=True)
    more = models.JSONField(default=dict)
    login_url = models.CharField(max_length=300)
    client_id = models.CharField(max_length=100)
    order = models.ForeignKey("tollfree.NumberOrder", null=True, on_delete=models.PROTECT, related_name="inventory")
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField(null=True)
    gone_since = models.DateTimeField(null=True)
    released_at = models.DateTimeField(null=True)
    explained_at = models.DateTimeField(null=True)
    explained_by_label = models.CharField(max_length=320, blank=True)
    explanation = models.TextField(blank=True)
    verification = models.CharField(max_length=12, choices=Verification.choices, default=Verification.NOT_STARTED)
    verification_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "number"], name="owned_number_once_per_tenant")
        ]
        indexes: ClassVar = [
            models.Index(fields=["tenant", "first_seen_at", "id"], name="owned_number_of_tenant"),
            models.Index(fields=["number"], name="owned_number"),
        ]

    def __str__(self) -> str:
        return self.number


class VerificationNote(models.Model):
    """One step of a number's verification; rows are never changed."""

    id = models.BigAutoField(primary_key=True)
    owned = models.ForeignKey(OwnedNumber, on_delete=models.PROTECT, related_name="notes")
    at = models.DateTimeField()
    state = models.CharField(max_length=12, choices=Verification.choices)
    note = models.TextField(blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    by_label = models.CharField(max_length=320)

    class Meta:
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return self.get_state_display()


class InventoryRefresh(models.Model):
    """Refresh of a tenant's list: one row per tenant, used again for every refresh.

    While `asked_at` is set, a refresh is queued or running; `lease_until` is the end of the worker's lease. Without
    `asked_by` the schedule queued it. The other fields describe the last result; a failed refresh leaves the known
    numbers as they are.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.OneToOneField("tenants.Tenant", on_delete=models.PROTECT, related_name="inventory_refresh")
    asked_at = models.DateTimeField(null=True)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    asked_by_label = models.CharField(max_length=320, blank=True)
    asked_by_kind = models.CharField(max_length=12, blank=True)
    request_id = models.CharField(max_length=64, blank=True)
    published_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)
    tries = models.PositiveIntegerField(default=0)
    finished_at = models.DateTimeField(null=True)
    good_at = models.DateTimeField(null=True)
    ok = models.BooleanField(null=True)
    sentence = models.TextField(blank=True)
    client_id = models.CharField(max_length=100, blank=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["asked_at"], name="inventory_refresh_asked")]

    def __str__(self) -> str:
        return self.sentence

    @property
    def is_live(self) -> bool:
        """Return whether a refresh is queued or running."""
        return self.asked_at is not None
