"""Numbers that a tenant has, the notes on their verification, and the refreshes of the list."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models

from senders.fields import PhoneNumberField


class Verification(models.TextChoices):
    """How far the carriers' verification is; nobody's API tells it, so people keep it here.

    A toll-free number must be verified before it carries traffic; Genesys takes that as a form by e-mail.
    """

    NOT_STARTED = "not_started", "Not started"
    FORM_SENT = "form_sent", "Form sent"
    IN_REVIEW = "in_review", "In review"
    NEEDS_ANSWER = "needs_answer", "Needs an answer"
    VERIFIED = "verified", "Verified"
    REFUSED = "refused", "Refused"


class OwnedNumber(models.Model):
    """A toll-free number of a tenant, in international format without +.

    `status` is Genesys Cloud's own word, `more` all of its other fields. `last_seen_at`: when the list showed it last,
    empty for one that was ordered here and is not listed yet. `gone_since`: the list of the client that has it is
    without it since then. `login_url` and `client_id` name that client, for perhaps no other one sees the number.
    `explained_at`: somebody knows why only one side has it.
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
        """Return the number."""
        return self.number


class VerificationNote(models.Model):
    """One step of a number's verification; rows are only added."""

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
        """Return the state that it led to."""
        return self.get_state_display()


class InventoryRefresh(models.Model):
    """The refreshing of a tenant's list: one row, which is asked, taken by one worker, and answered again and again.

    While `asked_at` is set, somebody waits for it; `lease_until` says until when a worker has it. Without `asked_by`
    the schedule asked. The rest tells how the last one ended; what was known before a failed one stays as it is.
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
        """Return how the last one ended."""
        return self.sentence

    @property
    def is_live(self) -> bool:
        """Say whether it is asked for and has not ended."""
        return self.asked_at is not None
