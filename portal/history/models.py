"""The table of visits: what an auditor has seen already."""

from django.conf import settings
from django.db import models


class LastVisit(models.Model):
    """When a person last opened the start page of the history.

    `before` is the visit before this one, and stays while the person comes and goes: what happened since then is news.
    """

    user = models.OneToOneField(settings.AUTH_USER_MODEL, primary_key=True, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()
    before = models.DateTimeField(null=True)

    def __str__(self) -> str:
        """Return when."""
        return f"{self.at:%d %b %Y %H:%M}"
