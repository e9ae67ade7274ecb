"""Verifying the history and keeping how it ended."""

import logging

from django.db import transaction
from django.utils import timezone

from portal.audit.actors import Actor
from portal.audit.recording import Target, record
from portal.audit.verbs import Verb
from portal.audit.verification import Findings, verify_database
from portal.evidence.models import Verification

log = logging.getLogger(__name__)


def verify_and_keep(actor: Actor) -> Findings:
    """Verify the whole database, and write down what was found, also into the site's history."""
    row = Verification.objects.create(started_at=timezone.now())
    found = verify_database()
    for problem in found.problems:
        log.error("history: %s", problem)
    _keep(row, found, actor)
    return found


@transaction.atomic
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
