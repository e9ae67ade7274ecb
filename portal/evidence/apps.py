"""App configuration of evidence: sidebar entry, checkpoint triggers, system checks, alerts and queued work."""

from celery.signals import celeryd_init
from django.apps import AppConfig
from django.core.checks import Tags, register

from portal.frame import navigation


class EvidenceConfig(AppConfig):
    """Evidence for auditors."""

    name = "portal.evidence"

    def ready(self) -> None:
        """Register all hooks; the page is visible to people who may read a history."""
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
