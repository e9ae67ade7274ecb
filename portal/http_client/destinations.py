"""Destinations: the kinds of systems that the portal calls. policy.py defines what each may reach."""

from django.db import models


class Destination(models.TextChoices):
    """The system that a request is for."""

    NEXUS = "nexus", "Nexus"
    GENESYS_CLOUD = "genesys_cloud", "Genesys Cloud"
    WEBHOOK = "webhook", "Customer's gateway"
    SIGN_ON = "sign_on", "Single sign-on"
