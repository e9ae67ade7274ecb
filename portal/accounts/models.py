"""People and their memberships."""

import uuid
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

from portal.accounts.rights import Role


class User(AbstractBaseUser):
    """A person; the e-mail address signs in. `accounts.actions.add_person` makes one."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(
        "e-mail address",
        unique=True,
        max_length=254,
        error_messages={"unique": "Somebody signs in with this address already."},
    )
    name = models.CharField(max_length=120, blank=True)
    is_active = models.BooleanField(default=True)
    is_site_administrator = models.BooleanField(default=False)
    date_joined = models.DateTimeField(auto_now_add=True)

    objects = BaseUserManager["User"]()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    def __str__(self) -> str:
        """Return how the person is called on pages."""
        return self.name or self.email


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
