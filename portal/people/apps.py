"""App configuration of people: sessions and sidebar entries."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """Sign-in, invitations and people management."""

    name = "portal.people"

    def ready(self) -> None:
        """Register the hooks, once all models are loaded."""
        from . import hooks  # noqa: F401, PLC0415 - models are not loaded before ready()
