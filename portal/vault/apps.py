"""App configuration of the vault."""

from django.apps import AppConfig


class VaultConfig(AppConfig):
    """Encrypted secrets."""

    name = "portal.vault"

    def ready(self) -> None:
        """Register the hooks, once all models are loaded."""
        from . import hooks  # noqa: F401, PLC0415 - models are not loaded before ready()
