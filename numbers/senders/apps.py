"""App configuration: registers the sender ID pages with the tenant switcher, and their sentences with the history."""

from django.apps import AppConfig


class SendersConfig(AppConfig):
    """Sender IDs."""

    name = "senders"

    def ready(self) -> None:
        """Register the tenant switcher's target pages and the history sentences."""
        from portal.tenants import switcher  # noqa: PLC0415 - models are not loaded before ready()
        from senders import sentences  # noqa: PLC0415 - the same

        below = ("page", "add", "edit", "bulk", "remove")
        switcher.keep("senders:list", *(f"senders:{name}" for name in below))
        sentences.register()
