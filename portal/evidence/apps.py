"""Registers the room with Django, its entry in the frame, and what it tells the rooms below."""

from django.apps import AppConfig

from portal.frame import navigation


class EvidenceConfig(AppConfig):
    """Proof for outsiders."""

    name = "portal.evidence"

    def ready(self) -> None:
        """Show the page to who reads a history, have urgent events signed, and tell the operations page."""
        from portal.audit.checkpoints import urgent  # noqa: PLC0415 - models are not loaded before ready()
        from portal.evidence import alerts, anchoring  # noqa: PLC0415 - the same
        from portal.evidence.views import may_look  # noqa: PLC0415 - the same
        from portal.operations import alerts as of_operations  # noqa: PLC0415 - the same

        urgent.register(anchoring.wake_up)
        of_operations.register(alerts.not_anchored)
        of_operations.register(alerts.broken)
        navigation.register(
            navigation.NavigationItem("Evidence", "evidence:page", icon="shield", order=91, shown=may_look)
        )
