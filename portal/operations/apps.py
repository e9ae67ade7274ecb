"""App configuration of operations: sidebar entry, worker heartbeats, startup checks, and database timeouts."""

from django.apps import AppConfig
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate, pre_migrate

from portal import database_limits
from portal.frame import navigation


class OperationsConfig(AppConfig):
    """Health and metrics of the portal."""

    name = "portal.operations"

    def ready(self) -> None:
        """Add the page to the sidebar, and connect signals for timeouts, heartbeats and startup checks."""
        from portal.operations import heartbeats, startup  # noqa: PLC0415 - models are not loaded before ready()
        from portal.operations.views import may_look  # noqa: PLC0415 - the same

        connection_created.connect(database_limits.set_after_connecting)
        pre_migrate.connect(database_limits.lift_for_migrate, sender=self)
        post_migrate.connect(database_limits.limit_after_migrate, sender=self)
        heartbeats.connect()
        startup.connect()
        navigation.register(
            navigation.NavigationItem("Operations", "operations:page", icon="server", order=95, shown=may_look)
        )
