"""People, their memberships, and their sessions."""

import uuid
from typing import TYPE_CHECKING, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.utils import timezone

from portal.accounts.rights import Role, SiteRole
from portal.audit.guarded import bookkeeping

if TYPE_CHECKING:
    from portal.accounts.session_store import SessionStore


class User(AbstractBaseUser):
    """A person; the e-mail address signs in. `accounts.actions.add_person` makes one."""

    EMAIL_TAKEN = "Somebody signs in with this address already."

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(
        "e-mail address",
        unique=True,
        max_length=254,
        error_messages={"unique": EMAIL_TAKEN},
    )
    name = models.CharField(max_length=120, blank=True)
    is_active = models.BooleanField(default=True)
    is_site_administrator = models.BooleanField(default=False)
    is_site_auditor = models.BooleanField(default=False)
    date_joined = models.DateTimeField(auto_now_add=True)

    objects = BaseUserManager["User"]()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        indexes: ClassVar = [models.Index(fields=["date_joined", "id"], name="person_by_joining")]

    def __str__(self) -> str:
        """Return how the person is called on pages."""
        return self.name or self.email

    @property
    def site_roles(self) -> tuple[SiteRole, ...]:
        """Return what the person is on the site, beside their roles in tenants."""
        held = {SiteRole.ADMINISTRATOR: self.is_site_administrator, SiteRole.AUDITOR: self.is_site_auditor}
        return tuple(role for role, is_held in held.items() if is_held)

    def check_password(self, raw_password: str | None) -> bool:
        """Say whether it is this person's password; Django hashes it anew when it does so by weaker rules."""
        with bookkeeping():  # the same password in another form is no change
            return super().check_password(raw_password)


class Membership(models.Model):
    """What a person is in a tenant."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    tenant = models.ForeignKey("tenants.Tenant", on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=16, choices=Role.choices)
    granted_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "tenant", "role"], name="role_once_per_tenant")]

    def __str__(self) -> str:
        """Return who is what."""
        return f"{self.user}: {self.get_role_display()}"


class Session(AbstractBaseSession):
    """A session, and what its owner is shown of it; `accounts.session_store` reads and writes the rows.

    `handle` names it on pages, where its key must not stand. `proven_at` is when its owner last gave a password or a
    second factor. Sessions of strangers have no user.
    """

    user = models.ForeignKey(User, null=True, on_delete=models.CASCADE, related_name="sessions")
    handle = models.UUIDField(default=uuid.uuid4, editable=False)
    started_at = models.DateTimeField(default=timezone.now)
    proven_at = models.DateTimeField(default=timezone.now)
    last_seen_at = models.DateTimeField(default=timezone.now)
    address = models.CharField(max_length=45, blank=True)
    user_agent = models.CharField(max_length=300, blank=True)

    @classmethod
    def get_session_store_class(cls) -> "type[SessionStore]":
        """Return what reads and writes the rows."""
        from portal.accounts.session_store import SessionStore  # noqa: PLC0415 - it needs this model

        return SessionStore
