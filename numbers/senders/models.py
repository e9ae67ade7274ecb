"""Models of sender IDs."""

import uuid

from django.conf import settings
from django.db import models

from senders.fields import PhoneNumberField


class SenderState(models.TextChoices):
    """State of a sender ID: `draft → ready → done`; `differs` if the copied-back options block is not ours."""

    DRAFT = "draft", "Draft"
    READY = "ready", "To be pasted"
    DONE = "done", "Done"
    DIFFERS = "differs", "Differs"


class SenderId(models.Model):
    """A number from which a tenant sends SMS, and its `chat.` section in Platform Administration.

    `section` and `endpoint` are stored without the `chat.` prefix. `observed` holds the options that somebody copied
    back from Platform Administration, by option name; it is empty until then.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey("tenants.Tenant", on_delete=models.PROTECT, related_name="sender_ids")
    number = PhoneNumberField(max_length=15)
    section = models.CharField(max_length=60, blank=True)
    endpoint = models.CharField(max_length=100, blank=True)
    cxc_only = models.BooleanField(default=False)
    agents_answer = models.BooleanField(default=True)
    provider = models.CharField(max_length=20)
    state = models.CharField(max_length=16, choices=SenderState.choices, default=SenderState.DRAFT)
    observed = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    done_by_label = models.CharField(max_length=320, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "number"], name="sender_once_per_tenant")]

    def __str__(self) -> str:
        return self.number

    @property
    def is_complete(self) -> bool:
        """Return whether its options block can be rendered."""
        return bool(self.section and self.endpoint)
