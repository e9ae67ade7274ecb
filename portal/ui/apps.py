"""App configuration of the page layout."""

from django.apps import AppConfig


class FrameConfig(AppConfig):
    """The app has the label `frame`, with templates and tags but no models."""

    name = "portal.ui"
    label = "ui"
    verbose_name = "Page frame"

    def ready(self) -> None:
        """Register the hooks, once all models are loaded."""
        from . import hooks  # noqa: F401, PLC0415 - models are not loaded before ready()
