"""Registers the room with Django, and its entry in the frame."""

from django.apps import AppConfig

from portal.frame import navigation


class NoticesConfig(AppConfig):
    """What waits for a person."""

    name = "portal.notices"

    def ready(self) -> None:
        """Put the page into the sidebar, with how much waits."""
        from portal.core.tasks import sweeper  # noqa: PLC0415 - models are not loaded before ready()
        from portal.notices import mailing  # noqa: PLC0415 - the same
        from portal.notices.waiting import badge  # noqa: PLC0415 - the same

        sweeper.register(mailing.KIND)

        navigation.register(
            navigation.NavigationItem("Waits for me", "notices:page", icon="clock", order=20, badge=badge)
        )
