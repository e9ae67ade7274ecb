"""Registers the room with Django, and its entry in the frame."""

from django.apps import AppConfig

from portal.frame import navigation


class NoticesConfig(AppConfig):
    """What waits for a person."""

    name = "portal.notices"

    def ready(self) -> None:
        """Put the page into the sidebar, with how much waits."""
        from portal.notices.waiting import badge  # noqa: PLC0415 - models are not loaded before ready()

        navigation.register(
            navigation.NavigationItem("Waits for me", "notices:page", icon="clock", order=20, badge=badge)
        )
