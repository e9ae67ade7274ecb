"""Sending a release: gives a number back, once, after the waiting time, and resolves an unknown outcome.

Two looks prove a release: the list had the number before the DELETE, and does not have it afterwards. The response to
the DELETE alone proves nothing. As with orders, the list resolves an unknown outcome; if it cannot, a person decides.
"""

import os
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from functools import partial

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from genesys_cloud import diagnosis
from genesys_cloud.client import list_tollfree, note_answer, release_request, send_once
from genesys_cloud.responses import TollfreeNumber, read_nothing
from genesys_cloud.tokens import UNASKABLE, Token, token_for
from portal.accounts.permission import ASKED, require
from portal.accounts.rights import Right
from portal.audit.actors import SYSTEM, Actor
from portal.audit.context import acting
from portal.audit.recording import record
from portal.audit.transactions import in_turn
from portal.audit.verbs import Verb
from portal.core.logging.formatters import running
from portal.core.tasks.failpoints import failpoint
from portal.http_client.call_log import close_call, open_call, tell_of
from portal.http_client.errors import NotFound, NotSent, OutboundError, Unreadable
from portal.http_client.messages import Answer, Request
from portal.http_client.models import Call
from portal.tenants.actions import refuse_if_archived
from portal.vault.keyset import KeysetUnusable
from tollfree.orders import completion
from tollfree.orders.models import Release
from tollfree.orders.releases.actions import refuse_if_used
from tollfree.orders.states import OrderState, ReleaseState
from tollfree.orders.transitions import (
    Overtaken,
    release_target,
    transition,
    transition_release,
    update_release_if_current,
    worker_for,
)
from tollfree.orders.worker.results import is_documented_refusal
from tollfree.orders.worker.send import LONGEST_WAIT_SECONDS, MOST_TRIES, settle_time

#: Looks that still show the number before the release counts as refused.
MOST_LOOKS = 2
#: Failed looks before a person must decide.
MOST_FAILED_LOOKS = 8
_KEPT = "The number is kept; ask for its release again when that is fixed."


def send_release(release: Release) -> None:
    """Send a claimed release whose waiting time is over."""
    with running(release.pk), acting(release.request_id):
        if not _may_go_on(release):
            return
        token = _look_first(release)
        if token is None:
            return
        request = release_request(release.access, release.number)
        call = _write_intent(release, request)
        if call is None:
            return
        failpoint("release.intent.committed")
        if not _still_ours(release):
            return
        outcome = send_once(request, token)
        failpoint("release.answered")
        is_gone = _is_success(outcome) and _is_gone(release)
        in_turn(partial(_write_outcome, release, call, token, outcome, is_gone=is_gone), release, call)


def settle_release(release: Release) -> None:
    """Check whether the number is gone, for a claimed release that is unknown or under review."""
    with running(release.pk), acting(release.request_id):
        step = _look(release)
        failpoint("release.looked")
        in_turn(partial(_carry_out, step), release)


def _carry_out(step: Callable[[], None]) -> None:
    with suppress(Overtaken):
        step()


def _may_go_on(release: Release) -> bool:
    """Check again the user's right, the tenant, and whether the number came into use during the waiting time."""
    actor = worker_for(release)
    try:
        require(actor, Right.RELEASE_NUMBER, release.tenant_id)
        refuse_if_archived(release.tenant)
        refuse_if_used(release.tenant, release.number)
    except PermissionDenied:
        _refuse(release, f"{ASKED} may no longer {Right.RELEASE_NUMBER}. The number is kept.")
    except ValidationError as error:
        _refuse(release, f"{' '.join(error.messages)} The number is kept.")
    else:
        return True
    return False


def _refuse(release: Release, sentence: str) -> None:
    _move(release, ReleaseState.REFUSED, Verb.RELEASE_REFUSED, sentence)


def _move(release: Release, to: ReleaseState, verb: Verb, sentence: str) -> None:
    """Change the release's state on behalf of the user who requested it, unless somebody else has changed it."""
    with suppress(Overtaken):
        in_turn(partial(transition_release, release, to, verb, worker_for(release), sentence=sentence), release)


def _look_first(release: Release) -> Token | None:
    """Return a valid token if the list has the number; otherwise put the release off, or end it.

    Only a number that was listed before can be seen to be gone: a 404 for a number that was not listed proves nothing.
    """
    try:
        token = token_for(release.access, subject_id=release.pk)
        listed = list_tollfree(release.access, token=token, subject_id=release.pk)
        token = token_for(release.access, subject_id=release.pk)  # a newer one, if the list call renewed it
    except KeysetUnusable as error:
        _put_off_or_refuse(release, str(error))
        return None
    except UNASKABLE as error:
        _refuse(release, f"{error} {_KEPT}")
        return None
    except OutboundError as error:
        why = diagnosis.of(release.access, error).sentence
        if error.permanent:
            _refuse(release, f"{why} {_KEPT}")
        else:
            _put_off_or_refuse(release, why)
        return None
    if not _has(listed, release):
        _leave_to_a_person(release)
        return None
    release.listed_at = timezone.now()
    return token


def _leave_to_a_person(release: Release) -> None:
    sentence = (
        "Genesys Cloud does not list the number for this client, so there is nothing to give back, and nothing was "
        "sent. It may have been given back already, or another client may have it. Look into Genesys Cloud, "
        "then decide."
    )
    _move(release, ReleaseState.UNDER_REVIEW, Verb.RELEASE_UNDER_REVIEW, sentence)


def _put_off_or_refuse(release: Release, why: str) -> None:
    """Put the release off, which is safe because nothing was sent; refuse it after too many tries."""
    if release.tries >= MOST_TRIES:
        _refuse(release, f"{why} {_KEPT}")
        return
    sentence = f"{why} Nothing was sent; it is tried again by itself."
    wait = min(settings.ORDER_BACKOFF_SECONDS * 2 ** max(0, release.tries - 1), LONGEST_WAIT_SECONDS)
    due = timezone.now() + timedelta(seconds=wait)

    def put_off() -> None:
        if update_release_if_current(release, due_at=due, lease_until=None, published_at=due, sentence=sentence):
            target, actor = release_target(release), worker_for(release)
            record(Verb.RELEASE_DELAYED, target, actor, tenant_id=release.tenant_id, reason=sentence)

    in_turn(put_off, release)


def _write_intent(release: Release, request: Request) -> Call | None:
    try:
        return in_turn(partial(_claim, release, request), release)
    except Overtaken:
        return None


def _claim(release: Release, request: Request) -> Call:
    now = timezone.now()
    call = open_call(
        request, tenant_id=release.tenant_id, subject_id=release.pk, request_id=release.request_id, now=now
    )
    transition_release(
        release,
        ReleaseState.SENDING,
        Verb.RELEASE_SENDING,
        worker_for(release),
        sends=release.sends + 1,
        lease_until=now + timedelta(seconds=settings.ORDER_LEASE_SECONDS),
        sender=f"{socket.gethostname()}:{os.getpid()}",
        sent_at=now,
        listed_at=release.listed_at,
        call_id=call.pk,
        call=call,
    )
    return call


def _still_ours(release: Release) -> bool:
    ours = Release.objects.filter(pk=release.pk, state=ReleaseState.SENDING, fence=release.fence)
    return ours.filter(lease_until__gt=timezone.now()).exists()


def _is_success(outcome: Answer | OutboundError) -> bool:
    """Return whether this is the documented response to a DELETE that was carried out."""
    if not isinstance(outcome, Answer):
        return False
    try:
        read_nothing(outcome)
    except Unreadable:
        return False
    return True


def _is_gone(release: Release) -> bool:
    """Return whether the list no longer has the number; if the look fails or the list lags, a later look decides."""
    try:
        return not _has(list_tollfree(release.access, subject_id=release.pk), release)
    except (OutboundError, *UNASKABLE):
        return False


def _has(listed: Sequence[TollfreeNumber], release: Release) -> bool:
    return any(each.number == release.number for each in listed)


@sensitive_variables()
def _write_outcome(
    release: Release, call: Call, token: Token, outcome: Answer | OutboundError, *, is_gone: bool
) -> None:
    close_call(call, outcome, token.secrets)
    note_answer(release.access, token, outcome)
    try:
        if is_gone:
            finish(release, worker_for(release), "Genesys Cloud took the number back, and does not list it now.", call)
        elif isinstance(outcome, OutboundError) and _is_refusal(outcome):
            sentence = f"{outcome.sentence} {_KEPT}"
            transition_release(
                release, ReleaseState.REFUSED, Verb.RELEASE_REFUSED, worker_for(release), call=call, sentence=sentence
            )
        else:
            transition_release(
                release,
                ReleaseState.UNKNOWN,
                Verb.RELEASE_UNKNOWN,
                worker_for(release),
                call=call,
                sentence=_doubt(outcome),
                due_at=settle_time(),
            )
    except Overtaken:
        tell_of(call)  # the call keeps the answer; the list decides
    failpoint("release.outcome.uncommitted")


def _is_refusal(outcome: OutboundError) -> bool:
    """Return whether the release was refused. A 404 is no refusal: the number may be gone, so the list decides."""
    return isinstance(outcome, NotSent) or (is_documented_refusal(outcome) and not isinstance(outcome, NotFound))


def _doubt(outcome: Answer | OutboundError) -> str:
    if isinstance(outcome, Answer):
        what = f"Genesys Cloud answered {outcome.status}, which does not prove that the number was given back."
    else:
        what = outcome.cause
    return f"{what} Whether the number was given back is not known yet. The portal checks the list again by itself."


def _look(release: Release) -> Callable[[], None]:
    """Look at the list, and return the step that follows."""
    try:
        listed = list_tollfree(release.access, subject_id=release.pk)
    except OutboundError as error:
        why = diagnosis.of(release.access, error).sentence
        return lambda: _look_failed(release, why)
    except UNASKABLE as error:
        why = str(error)
        return lambda: _look_failed(release, why)
    return lambda: _settle(release, listed=_has(listed, release))


def _settle(release: Release, *, listed: bool) -> None:
    if release.state == ReleaseState.UNDER_REVIEW and (listed or release.sent_at is None):
        leave_under_review(release, _seen_in_review(release, listed=listed))
    elif not listed:
        finish(release, worker_for(release), "Genesys Cloud does not list the number any more: it was given back.")
    elif release.looks + 1 < MOST_LOOKS:
        news = {"looks": release.looks + 1, "failed_looks": 0, "lease_until": None, "tries": 0}
        if not update_release_if_current(release, due_at=settle_time(), published_at=None, **news):
            raise Overtaken
    else:
        sentence = f"Genesys Cloud still lists the number, so it was not given back. {_KEPT}"
        transition_release(release, ReleaseState.REFUSED, Verb.RELEASE_REFUSED, SYSTEM, sentence=sentence)


def _seen_in_review(release: Release, *, listed: bool) -> str:
    """Return a message for a look that decides nothing.

    Only a number that was listed, for which a DELETE was sent, and which is gone now, was given back.
    """
    if not listed:
        return "Genesys Cloud still does not list the number for this client, and nothing was sent."
    if release.sent_at is None:
        return "Genesys Cloud lists the number now, and nothing was sent. Decide that it is kept, then ask again."
    return "Genesys Cloud still lists the number. Decide whether it is kept."


def leave_under_review(release: Release, sentence: str) -> None:
    """Store the message of a requested look that decides nothing. Raises Overtaken."""
    over = {"lease_until": None, "tries": 0, "published_at": None}
    if not update_release_if_current(release, sentence=sentence, due_at=None, **over):
        raise Overtaken


def _look_failed(release: Release, why: str) -> None:
    """Look again later, because a failed look proves nothing; after too many of them a person decides."""
    failed = release.failed_looks + 1
    if release.state == ReleaseState.UNDER_REVIEW:
        leave_under_review(release, f"{why} The portal could not look. Decide whether the number was given back.")
    elif failed < MOST_FAILED_LOOKS:
        sentence = (
            f"{why} Whether the number was given back is not known yet. The portal checks the list again by itself."
        )
        due = settle_time(2 ** min(release.failed_looks, 4))
        over = {"lease_until": None, "tries": 0, "published_at": None}
        if not update_release_if_current(release, failed_looks=failed, sentence=sentence, due_at=due, **over):
            raise Overtaken
    else:
        sentence = f"{why} The portal could not look {failed} times. Decide whether the number was given back."
        transition_release(
            release,
            ReleaseState.UNDER_REVIEW,
            Verb.RELEASE_UNDER_REVIEW,
            SYSTEM,
            sentence=sentence,
            failed_looks=failed,
        )


def finish(release: Release, actor: Actor, sentence: str, call: Call | None = None) -> None:
    """Set the release and its order to released, and run the hooks, in the caller's transaction."""
    transition_release(release, ReleaseState.RELEASED, Verb.RELEASE_DONE, actor, call=call, sentence=sentence)
    if (order := release.order) is not None and order.state == OrderState.COMPLETED:
        transition(order, OrderState.RELEASED, Verb.ORDER_RELEASED, actor, sentence=sentence)
    for follow in completion.released:
        follow(release)
