"""Registers the room with Django, its entry in the frame, and what it tells the rooms below."""

from celery.signals import celeryd_init
from django.apps import AppConfig
from django.core.checks import Tags, register

from portal.frame import navigation


class EvidenceConfig(AppConfig):
    """Proof for outsiders."""

    name = "portal.evidence"

    def ready(self) -> None:
        """Show the page to who reads a history, have urgent events signed, and tell the operations page."""
        from portal.audit.checkpoints import urgent  # noqa: PLC0415 - models are not loaded before ready()
        from portal.core.tasks import sweeper  # noqa: PLC0415 - the same
        from portal.evidence import alerts, anchoring, checks, making  # noqa: PLC0415 - the same
        from portal.evidence.views import may_look  # noqa: PLC0415 - the same
        from portal.operations import alerts as of_operations  # noqa: PLC0415 - the same

        urgent.register(anchoring.wake_up)
        register(checks.checkpoint_key_can_sign, Tags.security, deploy=True)
        celeryd_init.connect(checks.demand_checkpoint_key)
        of_operations.register(alerts.not_anchored)
        of_operations.register(alerts.broken)
        sweeper.register(making.KIND)
        sweeper.register_chore("files of evidence packs", making.clear_away)
        navigation.register(
            navigation.NavigationItem("Evidence", "evidence:page", icon="shield", order=91, shown=may_look)
        )
