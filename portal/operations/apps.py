"""Registers the room with Django, its entry in the frame, and the workers' heartbeat."""

from django.apps import AppConfig

from portal.frame import navigation


class OperationsConfig(AppConfig):
    """How the portal itself is."""

    name = "portal.operations"

    def ready(self) -> None:
        """Show the page to administrators, and let workers say that they live, once they may start."""
        from portal.operations import heartbeats, startup  # noqa: PLC0415 - models are not loaded before ready()
        from portal.operations.views import may_look  # noqa: PLC0415 - the same

        heartbeats.connect()
        startup.connect()
        navigation.register(
            navigation.NavigationItem("Operations", "operations:page", icon="server", order=95, shown=may_look)
        )
