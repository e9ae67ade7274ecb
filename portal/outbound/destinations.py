"""The kinds of system that the portal calls; what each may reach stands in policy.py."""

from django.db import models


class Destination(models.TextChoices):
    """Whom a request is for."""

    NEXUS = "nexus", "Nexus"
    GENESYS_CLOUD = "genesys_cloud", "Genesys Cloud"
    WEBHOOK = "webhook", "Customer's gateway"
    SIGN_ON = "sign_on", "Single sign-on"
