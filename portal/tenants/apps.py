"""App configuration of the tenants app, with its sidebar entries."""

from django.apps import AppConfig


class TenantsConfig(AppConfig):
    """Contact centres."""

    name = "portal.tenants"

    def ready(self) -> None:
        """Register the hooks, once all models are loaded."""
        from . import hooks  # noqa: F401, PLC0415 - models are not loaded before ready()
