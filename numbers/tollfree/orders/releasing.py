"""A number is given back: after the waiting time, once. As with an order, an unknown outcome is settled by the list."""

import os
import socket
from datetime import timedelta

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from portal.accounts.permission import require
from portal.accounts.rights import Right
from portal.audit.actors import SYSTEM
from portal.audit.context import acting
from portal.audit.recording import record
from portal.audit.verbs import Verb
from portal.crash_points import reach
from portal.logs import running
from portal.outbound.calls import close_call, open_call, tell_of
from portal.outbound.errors import Answered, NotFound, NotSent, OutboundError
from portal.outbound.messages import Answer, Request
from portal.outbound.models import Call
from portal.outbound.sending import send
from portal.tenants.actions import refuse_if_archived
from portal.turns import turn
from tollfree import diagnosis
from tollfree.client.looking import list_tollfree
from tollfree.client.sending import api_request
from tollfree.orders import completion
from tollfree.orders.actions_on_release import refuse_if_used
from tollfree.orders.models import Release
from tollfree.orders.moving import Overtaken, change_release, move, move_release, release_target, worker_for
from tollfree.orders.sending import LONGEST_WAIT_SECONDS, settle_time
from tollfree.orders.sighting import UNASKABLE
from tollfree.orders.states import OrderState, ReleaseState
from tollfree.tokens import Token, token_for

#: So many looks that still see the number: it was not given back.
MOST_LOOKS = 2
_KEPT = "The number is kept; ask for its release again when that is mended."


def send_release(release: Release) -> None:
    """Give the number back if its waiting time is over; does nothing if another worker has it."""
    with running(release.pk), acting(release.request_id):
        if not _may_go_on(release):
            return
        token = _token(release)
        if token is None:
            return
        request = api_request(release.access, "release the number", "DELETE", f"/tollfreenumbers/{release.number}")
        call = _write_intent(release, request)
        if call is None:
            return
        reach("release.intent.committed")
        if not _still_ours(release):
            return
        outcome = _delete(request, token)
        reach("release.answered")
        with turn(), transaction.atomic():
            _write_outcome(release, call, token, outcome)
            reach("release.outcome.uncommitted")


def settle_release(release: Release) -> None:
    """Look whether the number is gone, where nobody knows what became of its release."""
    with running(release.pk), acting(release.request_id):
        if not _take_look(release):
            return
        try:
            listed = any(each.number == release.number for each in list_tollfree(release.access, subject_id=release.pk))
        except (OutboundError, *UNASKABLE):
            change_release(release, due_at=settle_time(), published_at=None)
            return
        reach("release.looked")
        with turn(), transaction.atomic():
            try:
                _settle(release, listed=listed)
            except Overtaken:
                return


def _may_go_on(release: Release) -> bool:
    """Ask again: the right, the tenant, and whether the number came into use while it waited."""
    actor = worker_for(release)
    try:
        require(actor, Right.RELEASE_NUMBER, release.tenant_id)
        refuse_if_archived(release.tenant)
        refuse_if_used(release.tenant, release.number)
    except PermissionDenied:
        _refuse(release, f"{actor.label} may no longer {Right.RELEASE_NUMBER}. The number is kept.")
    except ValidationError as error:
        _refuse(release, f"{' '.join(error.messages)} The number is kept.")
    else:
        return True
    return False


def _refuse(release: Release, sentence: str) -> None:
    try:
        with turn(), transaction.atomic():
            move_release(release, ReleaseState.REFUSED, Verb.RELEASE_REFUSED, worker_for(release), sentence=sentence)
    except Overtaken:
        return


def _token(release: Release) -> Token | None:
    """Return a token that the API takes, as the list shows; else the release is put off, or refused."""
    try:
        token = token_for(release.access, subject_id=release.pk)
        list_tollfree(release.access, token=token, subject_id=release.pk)
        return token_for(release.access, subject_id=release.pk)
    except UNASKABLE as error:
        _refuse(release, f"{error} {_KEPT}")
    except OutboundError as error:
        why = diagnosis.of_list(release.access, error).sentence
        if error.permanent:
            _refuse(release, f"{why} {_KEPT}")
        else:
            _put_off(release, f"{why} Nothing was sent; it is tried again by itself.")
    return None


def _put_off(release: Release, sentence: str) -> None:
    wait = min(settings.ORDER_BACKOFF_SECONDS * 2 ** min(release.tries, 20), LONGEST_WAIT_SECONDS)
    due = timezone.now() + timedelta(seconds=wait)
    with turn(), transaction.atomic():
        if change_release(release, tries=release.tries + 1, due_at=due, published_at=due, sentence=sentence):
            target, actor = release_target(release), worker_for(release)
            record(Verb.RELEASE_DELAYED, target, actor, tenant_id=release.tenant_id, reason=sentence)


def _write_intent(release: Release, request: Request) -> Call | None:
    now = timezone.now()
    try:
        with turn(), transaction.atomic():
            call = open_call(
                request, tenant_id=release.tenant_id, subject_id=release.pk, request_id=release.request_id, now=now
            )
            move_release(
                release,
                ReleaseState.SENDING,
                Verb.RELEASE_SENDING,
                worker_for(release),
                fence=release.fence + 1,
                sends=release.sends + 1,
                lease_until=now + timedelta(seconds=settings.ORDER_LEASE_SECONDS),
                sender=f"{socket.gethostname()}:{os.getpid()}",
                sent_at=now,
                call_id=call.pk,
                call=call,
            )
    except Overtaken:
        return None
    return call


def _still_ours(release: Release) -> bool:
    ours = Release.objects.filter(pk=release.pk, state=ReleaseState.SENDING, fence=release.fence)
    return ours.filter(lease_until__gt=timezone.now()).exists()


@sensitive_variables()
def _delete(request: Request, token: Token) -> Answer | OutboundError:
    try:
        return send(request, {"access_token": token.value})
    except OutboundError as error:
        return error


@sensitive_variables()
def _write_outcome(release: Release, call: Call, token: Token, outcome: Answer | OutboundError) -> None:
    close_call(call, outcome, {"access_token": token.value})
    try:
        if isinstance(outcome, Answer):
            _done(release, "Genesys Cloud has taken the number back.", call)
        elif isinstance(outcome, NotSent) or _is_refusal(outcome):
            sentence = f"{outcome.sentence} {_KEPT}"
            move_release(
                release, ReleaseState.REFUSED, Verb.RELEASE_REFUSED, worker_for(release), call=call, sentence=sentence
            )
        else:
            sentence = "Whether the number was given back is not known yet. It will be looked for."
            move_release(
                release,
                ReleaseState.UNKNOWN,
                Verb.RELEASE_UNKNOWN,
                worker_for(release),
                call=call,
                sentence=sentence,
                due_at=settle_time(),
            )
    except Overtaken:
        tell_of(call)  # the answer stays in the call; the list settles it


def _is_refusal(outcome: OutboundError) -> bool:
    """Say whether Genesys Cloud said no. A 404 may mean that the number is gone: then the list decides."""
    return isinstance(outcome, Answered) and not outcome.unknown_outcome and not isinstance(outcome, NotFound)


def _take_look(release: Release) -> bool:
    again = timezone.now() + timedelta(seconds=settings.ORDER_LEASE_SECONDS)
    mine = Release.objects.filter(pk=release.pk, state=release.state, fence=release.fence, due_at=release.due_at)
    if not mine.update(due_at=again, fence=F("fence") + 1):
        return False
    release.due_at, release.fence = again, release.fence + 1
    return True


def _settle(release: Release, *, listed: bool) -> None:
    if not listed:
        _done(release, "Genesys Cloud does not list the number any more: it was given back.")
    elif release.looks + 1 < MOST_LOOKS:
        if not change_release(release, looks=release.looks + 1, due_at=settle_time(), published_at=None):
            raise Overtaken
    else:
        sentence = f"Genesys Cloud still lists the number, so it was not given back. {_KEPT}"
        move_release(release, ReleaseState.REFUSED, Verb.RELEASE_REFUSED, SYSTEM, sentence=sentence)


def _done(release: Release, sentence: str, call: Call | None = None) -> None:
    """The number is gone: its order ends with it, and other rooms hear of it, in one transaction."""
    actor = worker_for(release)
    move_release(release, ReleaseState.RELEASED, Verb.RELEASE_DONE, actor, call=call, sentence=sentence)
    if (order := release.order) is not None and order.state == OrderState.COMPLETED:
        move(order, OrderState.RELEASED, Verb.ORDER_RELEASED, worker_for(release), sentence=sentence)
    for follow in completion.released:
        follow(release)
