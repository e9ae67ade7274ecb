"""Model of invitations."""

import uuid
from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from portal.accounts.rights import Role, SiteRole

_PENDING = Q(accepted_at=None, withdrawn_at=None)


class InvitationState(models.TextChoices):
    """States of an invitation: `open → accepted | withdrawn`, or expired (`ended`)."""

    OPEN = "open", "Open"
    ACCEPTED = "accepted", "Accepted"
    WITHDRAWN = "withdrawn", "Withdrawn"
    ENDED = "ended", "Ended"


class Invitation(models.Model):
    """An invitation to one role in one tenant, or (without a tenant) on the site.

    Only the hash of the link's token is stored. The inviter's rights are checked again when it is accepted.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(max_length=254)
    tenant = models.ForeignKey("tenants.Tenant", null=True, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=20, choices=[*Role.choices, *SiteRole.choices])
    token_hash = models.CharField(max_length=64, unique=True)
    invited_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    invited_by_label = models.CharField(max_length=320)
    accepted_at = models.DateTimeField(null=True)
    accepted_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["invited_at", "id"], name="invitation_by_time")]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(tenant=None, role__in=SiteRole.values)
                | Q(tenant__isnull=False) & ~Q(role__in=["", *SiteRole.values]),
                name="invitation_to_one_thing",
            ),
            # A new invitation withdraws the previous one, so that only one link works.
            models.UniqueConstraint(
                fields=["email", "tenant", "role"], condition=_PENDING, name="invitation_pending_once"
            ),
            models.UniqueConstraint(
                fields=["email", "role"],
                condition=_PENDING & Q(tenant=None),
                name="invitation_of_the_site_pending_once",
            ),
        ]

    def __str__(self) -> str:
        """Return the role of the invitation."""
        return f"{self.get_role_display()} of {self.tenant}" if self.tenant else self.get_role_display()

    def state_at(self, now: datetime) -> InvitationState:
        """Return the state at this time."""
        if self.accepted_at:
            return InvitationState.ACCEPTED
        if self.withdrawn_at:
            return InvitationState.WITHDRAWN
        return InvitationState.OPEN if now < self.ends_at else InvitationState.ENDED
