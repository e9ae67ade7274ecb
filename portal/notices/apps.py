"""App configuration of notifications, with their sidebar entry."""

from django.apps import AppConfig

from portal.core import alerts
from portal.frame import navigation


class NoticesConfig(AppConfig):
    """Pending items of a person."""

    name = "portal.notices"

    def ready(self) -> None:
        """Add the page to the sidebar, with a badge; register the e-mails as queued work, and the alert about them."""
        from portal.core.tasks import sweeper  # noqa: PLC0415 - models are not loaded before ready()
        from portal.notices import mailing  # noqa: PLC0415 - the same
        from portal.notices.waiting import badge  # noqa: PLC0415 - the same

        sweeper.register(mailing.KIND)
        alerts.register(mailing.undelivered)
        navigation.register(
            navigation.NavigationItem("Waits for me", "notices:page", icon="clock", order=20, badge=badge)
        )
