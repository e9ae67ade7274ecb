"""App configuration of evidence: sidebar entry, checkpoint triggers, system checks, alerts and queued work."""

from celery.signals import celeryd_init
from django.apps import AppConfig
from django.core.checks import Tags, register

from portal.core import alerts
from portal.frame import navigation


class EvidenceConfig(AppConfig):
    """Evidence for auditors."""

    name = "portal.evidence"

    def ready(self) -> None:
        """Register all hooks; the page is visible to people who may read a history."""
        from portal.audit.checkpoints import urgent  # noqa: PLC0415 - models are not loaded before ready()
        from portal.core.tasks import sweeper  # noqa: PLC0415 - the same
        from portal.evidence import alerts as of_evidence  # noqa: PLC0415 - the same
        from portal.evidence import anchoring, checks, making  # noqa: PLC0415 - the same
        from portal.evidence.views import may_look  # noqa: PLC0415 - the same

        urgent.register(anchoring.wake_up)
        register(checks.checkpoint_key_can_sign, Tags.security, deploy=True)
        celeryd_init.connect(checks.demand_checkpoint_key)
        alerts.register(of_evidence.not_anchored)
        alerts.register(of_evidence.broken)
        sweeper.register(making.KIND)
        sweeper.register_chore("files of evidence packs", making.clear_away)
        navigation.register(
            navigation.NavigationItem("Evidence", "evidence:page", icon="shield", order=91, shown=may_look)
        )
