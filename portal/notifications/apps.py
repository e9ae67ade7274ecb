"""App configuration of notifications, with their sidebar entry."""

from django.apps import AppConfig


class NoticesConfig(AppConfig):
    """Pending items of a person."""

    name = "portal.notifications"

    def ready(self) -> None:
        """Register the hooks, once all models are loaded."""
        from . import hooks  # noqa: F401, PLC0415 - models are not loaded before ready()
