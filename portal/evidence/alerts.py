"""Alerts of the audit trail on the operations page."""

from datetime import timedelta

from django.utils import timezone

from portal.audit.checkpoints import signing
from portal.evidence.models import Anchoring, Verification

#: Twice the interval of heartbeat checkpoints.
SILENCE = timedelta(hours=2)


def not_anchored() -> str | None:
    """Return why checkpoints are not signed or not written to the folder, or None."""
    state = Anchoring.objects.filter(pk=1).first()
    if state is not None and state.trouble:
        return state.trouble
    last = signing.last()
    if last is not None and timezone.now() - last.at > SILENCE:
        return "No checkpoint of the history was signed for two hours. Look whether beat and a worker run."
    return None


def broken() -> str | None:
    """Return an alert if the last integrity check found the audit trail broken."""
    last = Verification.objects.filter(finished_at__isnull=False).order_by("-started_at").first()
    if last is None or last.whole:
        return None
    return f"The history is broken, says the last verification: {last.problems[0]} “Evidence” shows all that it found."
