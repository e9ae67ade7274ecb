"""Hooks: register all hooks; the page is visible to people who may read a history."""

from celery.signals import celeryd_init
from django.core.checks import Tags, register

from portal.audit.checkpoints import urgent
from portal.core import alerts
from portal.core.tasks import sweeper
from portal.evidence import alerts as audit_alerts
from portal.evidence import anchoring, checks, pack_builder
from portal.evidence.views import may_look
from portal.ui import navigation

urgent.register(anchoring.wake_up)
register(checks.checkpoint_key_can_sign, Tags.security, deploy=True)
celeryd_init.connect(checks.demand_checkpoint_key)
alerts.register(audit_alerts.not_anchored)
alerts.register(audit_alerts.broken)
sweeper.register(pack_builder.KIND)
sweeper.register_chore("files of evidence packs", pack_builder.clear_away)
navigation.register(navigation.NavigationItem("Evidence", "evidence:page", icon="shield", order=91, shown=may_look))
