"""App configuration of the history pages, with their sidebar entry."""

from django.apps import AppConfig


class HistoryConfig(AppConfig):
    """Pages that show the audit trail."""

    name = "portal.history"

    def ready(self) -> None:
        """Register the hooks, once all models are loaded."""
        from . import hooks  # noqa: F401, PLC0415 - models are not loaded before ready()
