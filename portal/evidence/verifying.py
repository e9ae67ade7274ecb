"""Integrity check of the audit trail by schedule or command, with a stored result."""

import logging
from datetime import timedelta

from django.utils import timezone

from portal.audit.actors import Actor
from portal.audit.recording import Target, record
from portal.audit.transactions import atomic
from portal.audit.verbs import Verb
from portal.audit.verification import Findings, verify_database
from portal.evidence.models import Verification

log = logging.getLogger(__name__)

#: Less than the interval of a day, because beat is not exact to the second.
_REST = timedelta(hours=20)
#: A check that is not finished after this time has died.
_LONGEST = timedelta(hours=2)


def verify_if_due(actor: Actor) -> None:
    """Run the check unless one started recently: beat may send the message twice, and others could forge it."""
    now = timezone.now()
    lately = Verification.objects.filter(started_at__gt=now - _REST)
    if not lately.exclude(finished_at=None, started_at__lt=now - _LONGEST).exists():
        verify_and_keep(actor)


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
