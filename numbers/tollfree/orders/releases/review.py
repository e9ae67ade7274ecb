"""Actions on releases under review: look again, or decide whether the number was given back."""

from django.core.exceptions import ValidationError
from django.utils import timezone

from portal.accounts.permission import require
from portal.accounts.rights import Right
from portal.audit.actors import Actor
from portal.audit.recording import record
from portal.audit.transactions import atomic
from portal.audit.verbs import Verb
from portal.core.tasks.publish import send_task_on_commit
from tollfree.orders.models import Release
from tollfree.orders.releases.worker import finish
from tollfree.orders.states import ReleaseState
from tollfree.orders.transitions import RELEASE_TASK, release_target, transition_release, update_release_if_current
from tollfree.orders.validation import checked_text


@atomic
def decide_given_back(actor: Actor, release: Release, *, reason: str) -> Release:
    """Decide that the number was given back: order and inventory entry become released. Raises ValidationError."""
    release, reason = _under_review(actor, release, reason)
    finish(release, actor, reason)
    return release


@atomic
def decide_kept(actor: Actor, release: Release, *, reason: str) -> Release:
    """Decide that the number was not given back; it can be released again. Raises ValidationError."""
    release, reason = _under_review(actor, release, reason)
    transition_release(release, ReleaseState.REFUSED, Verb.RELEASE_KEPT, actor, sentence=reason)
    return release


@atomic
def look_again(actor: Actor, release: Release) -> Release:
    """Have a worker look at the list now; if one is due already, nothing changes. Raises ValidationError."""
    require(actor, Right.REVIEW_ORDER, release.tenant_id)
    release = _locked(release)
    _demand_under_review(release)
    if release.due_at is None:
        update_release_if_current(release, due_at=timezone.now(), published_at=timezone.now())
        record(Verb.RELEASE_LOOK_ASKED, release_target(release), actor, tenant_id=release.tenant_id)
    send_task_on_commit(RELEASE_TASK, release.pk)
    return release


def _under_review(actor: Actor, release: Release, reason: str) -> tuple[Release, str]:
    require(actor, Right.REVIEW_ORDER, release.tenant_id)
    reason = checked_text("reason", reason, needed="Say how you know: whom you asked, or what you saw.")
    release = _locked(release)
    _demand_under_review(release)
    return release, reason


def _locked(release: Release) -> Release:
    rows = Release.objects.select_for_update(of=("self",), no_key=True).select_related("tenant", "order")
    return rows.get(pk=release.pk)


def _demand_under_review(release: Release) -> None:
    if release.state != ReleaseState.UNDER_REVIEW:
        raise ValidationError(
            f"This release is {release.get_state_display().lower()}; it does not wait for a decision."
        )
