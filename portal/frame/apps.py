"""The frame as a Django app."""

from django.apps import AppConfig
from django.core.checks import Tags, register

from portal.frame.checks import CHECKS


class FrameConfig(AppConfig):
    """Label `frame`; it has templates and tags but no models."""

    name = "portal.frame"
    label = "frame"
    verbose_name = "Page frame"

    def ready(self) -> None:
        """Register the checks of a deployment."""
        for check in CHECKS:
            register(check, Tags.security, deploy=True)
