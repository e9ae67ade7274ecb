"""Model of a person's last visit to the history, for "since your last visit"."""

from django.conf import settings
from django.db import models


class LastVisit(models.Model):
    """When a person last opened the start page of the history.

    `before` is the previous visit. It stays the same while the person comes and goes: events since then are news.
    """

    user = models.OneToOneField(settings.AUTH_USER_MODEL, primary_key=True, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()
    before = models.DateTimeField(null=True)

    def __str__(self) -> str:
        """Return the time."""
        return f"{self.at:%d %b %Y %H:%M}"
