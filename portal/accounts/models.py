"""Models for users, memberships and sessions."""

import uuid
from importlib import import_module
from typing import ClassVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.utils import timezone

from portal.accounts.rights import Role, SiteRole
from portal.audit.commit_guard import unaudited


class User(AbstractBaseUser):
    """A person who signs in with their e-mail address. Create one with `accounts.actions.add_person`."""

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
        """Return the person's name as pages show it."""
        return self.name or self.email

    @property
    def site_roles(self) -> tuple[SiteRole, ...]:
        """Return the person's roles on the site, which are separate from roles in tenants."""
        held = {SiteRole.ADMINISTRATOR: self.is_site_administrator, SiteRole.AUDITOR: self.is_site_auditor}
        return tuple(role for role, is_held in held.items() if is_held)

    def check_password(self, raw_password: str | None) -> bool:
        """Check the password; Django stores a new hash if the old one uses outdated parameters."""
        with unaudited():  # a new hash of the same password needs no event
            return super().check_password(raw_password)


class Membership(models.Model):
    """The role of a person in a tenant."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    tenant = models.ForeignKey("tenants.Tenant", on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=16, choices=Role.choices)
    granted_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "tenant", "role"], name="role_once_per_tenant")]

    def __str__(self) -> str:
        """Return the person and their role."""
        return f"{self.user}: {self.get_role_display()}"


class Session(AbstractBaseSession):
    """A sign-in session with the details that its owner can see; `accounts.sessions` reads and writes the rows.

    `handle` identifies it on pages, where the session key must not appear. `proven_at` is when its owner last gave a
    password or a second factor. Anonymous sessions have no user.
    """

    user = models.ForeignKey(User, null=True, on_delete=models.CASCADE, related_name="sessions")
    handle = models.UUIDField(default=uuid.uuid4, editable=False)
    started_at = models.DateTimeField(default=timezone.now)
    proven_at = models.DateTimeField(default=timezone.now)
    last_seen_at = models.DateTimeField(default=timezone.now)
    address = models.CharField(max_length=45, blank=True)
    user_agent = models.CharField(max_length=300, blank=True)

    @classmethod
    def get_session_store_class(cls) -> type[SessionBase]:
        """Return the session store class."""
        store: type[SessionBase] = import_module(settings.SESSION_ENGINE).SessionStore
        return store
