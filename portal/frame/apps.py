"""App configuration of the page layout."""

from django.apps import AppConfig
from django.core.checks import Tags, register

from portal.frame.checks import CHECKS


class FrameConfig(AppConfig):
    """The app has the label `frame`, with templates and tags but no models."""

    name = "portal.frame"
    label = "frame"
    verbose_name = "Page frame"

    def ready(self) -> None:
        """Register the deployment checks."""
        for check in CHECKS:
            register(check, Tags.security, deploy=True)
