"""App configuration of operations: sidebar entry, worker heartbeats, startup checks, and database timeouts."""

from django.apps import AppConfig


class OperationsConfig(AppConfig):
    """Health and metrics of the portal."""

    name = "portal.operations"

    def ready(self) -> None:
        """Register the hooks, once all models are loaded."""
        from . import hooks  # noqa: F401, PLC0415 - models are not loaded before ready()
