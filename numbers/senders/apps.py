"""Registers the room with Django, and its list with the tenant switcher."""

from django.apps import AppConfig


class SendersConfig(AppConfig):
    """Sender IDs."""

    name = "senders"

    def ready(self) -> None:
        """Let the switcher lead from one tenant's sender IDs to another's."""
        from portal.tenants import switcher  # noqa: PLC0415 - models are not loaded before ready()

        below = ("page", "add", "edit", "bulk", "remove")
        switcher.keep("senders:list", *(f"senders:{name}" for name in below))
