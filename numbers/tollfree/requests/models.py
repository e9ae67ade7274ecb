"""Models of number requests."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from senders.fields import PhoneNumberField


class RequestKind(models.TextChoices):
    """What the representative is asked to do."""

    ORGANISATION = "organisation", "Genesys Cloud CX organisation"
    TOLL_FREE = "toll_free", "New toll-free number"
    SHORT_CODE = "short_code", "New short code"
    EXISTING_NUMBER = "existing_number", "Register an existing number"
    TEXT_ENABLING = "text_enabling", "Text-enable a number"


class RequestState(models.TextChoices):
    """State of a request: `open ⇄ answered → done | declined`, or withdrawn by the administrators.

    An open request waits for the representative; an answered one waits for a reply from the administrators.
    """

    OPEN = "open", "Open"
    ANSWERED = "answered", "Answered"
    DONE = "done", "Done"
    DECLINED = "declined", "Declined"
    WITHDRAWN = "withdrawn", "Withdrawn"


#: States in which the request is not finished.
PENDING = frozenset({RequestState.OPEN, RequestState.ANSWERED})


class NumberRequest(models.Model):
    """A request to the Genesys representative: an administrator sends it, the representative answers in the portal."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey("tenants.Tenant", on_delete=models.PROTECT, related_name="number_requests")
    kind = models.CharField(max_length=20, choices=RequestKind.choices)
    number = PhoneNumberField(max_length=15, blank=True)
    note = models.TextField(blank=True)
    state = models.CharField(max_length=10, choices=RequestState.choices, default=RequestState.OPEN)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    asked_by_label = models.CharField(max_length=320)
    answer = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    answered_by_label = models.CharField(max_length=320, blank=True)
    reply = models.TextField(blank=True)
    replied_at = models.DateTimeField(null=True)
    replied_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    replied_by_label = models.CharField(max_length=320, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["asked_at", "id"], name="request_by_time"),
            models.Index(fields=["tenant", "state"], name="request_of_tenant"),
        ]
        constraints: ClassVar = [
            # A double click makes one request; the same request cannot be open twice.
            models.UniqueConstraint(
                fields=["tenant", "kind", "number"], condition=Q(state="open"), name="request_open_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.number}".strip()

    @property
    def is_pending(self) -> bool:
        """Return whether the request is not finished."""
        return self.state in PENDING


#: States that an answer can set.
ANSWERS = (RequestState.DONE, RequestState.ANSWERED, RequestState.DECLINED)
