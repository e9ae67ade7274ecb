"""App configuration of the history pages, with their sidebar entry."""

from django.apps import AppConfig

from portal.frame import navigation


class HistoryConfig(AppConfig):
    """Pages that show the audit trail."""

    name = "portal.history"

    def ready(self) -> None:
        """Add the history to the sidebar."""
        from portal.tenants import switcher  # noqa: PLC0415 - models are not loaded before ready()

        switcher.keep_by_query("history:list")
        navigation.register(navigation.NavigationItem("History", "history:list", icon="history", order=90))
