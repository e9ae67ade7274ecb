"""Waking up what lies too long: lost messages, ended waits, and workers that went silent."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from portal.crash_points import reach
from portal.wakeups import wake_after_commit
from provisioning.models import Setup
from provisioning.runs import RUN_TASK, claimable

#: The most set-ups that one sweep wakes up; the next one takes the rest.
MOST_AT_ONCE = 500


@transaction.atomic
def sweep() -> int:
    """Publish again every set-up that should be running and was not published lately; return how many."""
    now = timezone.now()
    stale = now - timedelta(seconds=settings.SETUP_REPUBLISH_SECONDS)
    # After a wait `published_at` is its end: nobody has published it since, or only the message that came at its end.
    ended = Q(published_at__lte=F("not_before"))
    forgotten = Q(published_at=None) | Q(published_at__lt=stale) | ended
    due = Setup.objects.filter(claimable(now) & forgotten).order_by("published_at")
    found = list(due.values_list("pk", flat=True)[:MOST_AT_ONCE])
    Setup.objects.filter(pk__in=found).update(published_at=now)
    for setup_id in found:
        wake_after_commit(RUN_TASK, setup_id)
    reach("sweep.uncommitted")
    return len(found)
