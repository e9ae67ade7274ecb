"""App configuration: registers navigation, notifications, sender ID checks, hooks, gauges and sweeper work."""

from django.apps import AppConfig


class TollfreeConfig(AppConfig):
    """Toll-free numbers."""

    name = "tollfree"

    def ready(self) -> None:
        """Register the hooks, once all models are loaded."""
        from . import hooks  # noqa: F401, PLC0415 - models are not loaded before ready()
