"""Integrity check of the audit trail by schedule or command, with a stored result."""

import logging
from datetime import UTC, datetime, time, timedelta

from django.db.models import Q
from django.utils import timezone

from portal.audit.actors import Actor
from portal.audit.integrity_check import Findings, verify_database
from portal.audit.recording import Target, record
from portal.audit.transactions import atomic
from portal.audit.verbs import Verb
from portal.evidence.models import Verification

log = logging.getLogger(__name__)

#: When the check is due each night, in UTC.
_AT = time(3, 20, tzinfo=UTC)
#: A check that is not finished after this time has died.
_LONGEST = timedelta(hours=2)
#: A check that died is repeated, but not without end: it may be what killed its worker.
_MOST_TRIES = 3


def verify_if_due(actor: Actor) -> None:
    """Run the check if it is due: beat asks every hour in case a message was lost, and others could forge one."""
    if is_due(timezone.now()):
        verify_and_keep(actor)


def is_due(now: datetime) -> bool:
    """Return whether no check has started since last night, apart from those that died."""
    night = datetime.combine(now.astimezone(UTC), _AT)
    begun = Verification.objects.filter(started_at__gte=night if night <= now else night - timedelta(days=1))
    died = Q(finished_at=None, started_at__lt=now - _LONGEST)
    return not begun.exclude(died).exists() and begun.count() < _MOST_TRIES


def verify_and_keep(actor: Actor) -> Findings:
    """Check the whole database, store the result, and record it in the site's chain."""
    row = Verification.objects.create(started_at=timezone.now())
    found = verify_database()
    for problem in found.problems:
        log.error("history: %s", problem)
    _keep(row, found, actor)
    return found


@atomic
def _keep(row: Verification, found: Findings, actor: Actor) -> None:
    row.finished_at = timezone.now()
    row.events, row.chains, row.checkpoints = found.events, found.chains, found.checkpoints
    row.in_folder, row.problems = found.in_folder, found.problems
    row.save()
    changes = {"events": [None, found.events], "checkpoints": [None, found.checkpoints]}
    if found.problems:
        changes["first problem"] = [None, found.problems[0]]  # type: ignore[list-item]  # a text beside the numbers
    record(
        Verb.HISTORY_VERIFIED if found.whole else Verb.HISTORY_BROKEN,
        Target("verification", str(row.pk), "the portal"),
        actor,
        changes=changes,
    )
