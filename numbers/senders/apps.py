"""Registers the room with Django, its list with the tenant switcher, and its sentences with the history."""

from django.apps import AppConfig


class SendersConfig(AppConfig):
    """Sender IDs."""

    name = "senders"

    def ready(self) -> None:
        """Let the switcher lead from one tenant's list to another's, and the history tell of sender IDs."""
        from portal.tenants import switcher  # noqa: PLC0415 - models are not loaded before ready()
        from senders import sentences  # noqa: PLC0415 - the same

        below = ("page", "add", "edit", "bulk", "remove")
        switcher.keep("senders:list", *(f"senders:{name}" for name in below))
        sentences.register()
