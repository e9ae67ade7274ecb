"""Models of sign-in: e-mails about lockouts and password resets."""

import uuid

from django.db import models


class LockoutMail(models.Model):
    """The last lockout of a person's sign-in, and whether the e-mail about it was sent."""

    # No foreign key: an address without an account causes the same work, under an id that nobody has.
    person_id = models.UUIDField(primary_key=True, editable=False)
    locked_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)
    tries = models.PositiveIntegerField(default=0)
    published_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        """Return when it was locked, and whether the e-mail was sent."""
        return f"locked at {self.locked_at:%H:%M:%S}, {'told' if self.told_at else 'not told'}"


class PasswordResetMail(models.Model):
    """A link to choose another password that somebody asked for; deleted when it is sent, or nobody signs in so."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # As it was typed, in one spelling: the worker finds out whose it is.
    address = models.CharField(max_length=320)
    asked_at = models.DateTimeField()
    # Where it was asked for, for the history.
    request_id = models.CharField(max_length=32, blank=True)
    client_address = models.CharField(max_length=64, blank=True)
    lease_until = models.DateTimeField(null=True)
    tries = models.PositiveIntegerField(default=0)
    published_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        """Return when it was asked for."""
        return f"asked at {self.asked_at:%H:%M:%S}"
