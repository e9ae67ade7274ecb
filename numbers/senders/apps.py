"""App configuration: registers the sender ID pages with the tenant switcher, and their sentences with the history."""

from django.apps import AppConfig


class SendersConfig(AppConfig):
    """Sender IDs."""

    name = "senders"

    def ready(self) -> None:
        """Register the hooks, once all models are loaded."""
        from . import hooks  # noqa: F401, PLC0415 - models are not loaded before ready()
