"""Registers the room with Django, its entry in the frame, the workers' heartbeat, and the database's time limits."""

from django.apps import AppConfig
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate, pre_migrate

from portal import database_limits
from portal.frame import navigation


class OperationsConfig(AppConfig):
    """How the portal itself is."""

    name = "portal.operations"

    def ready(self) -> None:
        """Show the page to administrators, and let workers say that they live, once they may start."""
        from portal.notices.mailing import undelivered  # noqa: PLC0415 - models are not loaded before ready()
        from portal.operations import alerts, heartbeats, startup  # noqa: PLC0415 - the same
        from portal.operations.views import may_look  # noqa: PLC0415 - the same

        connection_created.connect(database_limits.set_after_connecting)
        pre_migrate.connect(database_limits.lift_for_migrate, sender=self)
        post_migrate.connect(database_limits.limit_after_migrate, sender=self)
        alerts.register(undelivered)
        heartbeats.connect()
        startup.connect()
        navigation.register(
            navigation.NavigationItem("Operations", "operations:page", icon="server", order=95, shown=may_look)
        )
