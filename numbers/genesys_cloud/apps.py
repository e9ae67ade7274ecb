"""The Genesys Cloud client as a Django app."""

from django.apps import AppConfig


class GenesysCloudConfig(AppConfig):
    """Genesys Cloud: tokens, connection tests and the API client."""

    name = "genesys_cloud"

    def ready(self) -> None:
        """Register the hooks, once all models are loaded."""
        from . import hooks  # noqa: F401, PLC0415 - models are not loaded before ready()
