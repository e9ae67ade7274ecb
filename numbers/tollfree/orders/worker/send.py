"""Sending an order: check the list, claim the order and commit the intent, then send one POST, never a second.

Everything before the claim can be repeated, because nothing was sent. The claim sets the state to `sending`, and from
then on there is no way back: if the process dies, the sweeper sets the outcome to unknown. No transaction is open
during a request.
"""

import os
import socket
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import F
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from genesys_cloud import diagnosis
from genesys_cloud.client import WantedNumber, list_tollfree, note_answer, order_request, send_once
from genesys_cloud.tokens import Token, token_for
from portal.accounts.permission import ASKED, require
from portal.accounts.rights import Right
from portal.audit.context import acting
from portal.audit.transactions import in_turn
from portal.audit.verbs import Verb
from portal.core.logging.formatters import running
from portal.core.tasks.failpoints import failpoint
from portal.http_client.call_log import close_call, facts_of, open_call
from portal.http_client.errors import OutboundError
from portal.http_client.messages import Answer, Request
from portal.http_client.models import Call
from portal.tenants.actions import refuse_if_archived
from portal.vault.actions import CredentialMissing
from portal.vault.encryption import DecryptionError
from portal.vault.keyset import KeysetUnusable
from tollfree.orders.models import EvidenceKind, NumberOrder
from tollfree.orders.owned_already import after_sending, before_sending
from tollfree.orders.states import OrderState
from tollfree.orders.transitions import (
    Overtaken,
    add_evidence,
    record_event,
    transition,
    update_if_current,
    wake,
    worker_for,
)
from tollfree.orders.worker.results import Verdict

#: Number of tries to check the list before an order is refused; nothing is sent in these tries.
MOST_TRIES = 10
LONGEST_WAIT_SECONDS = 300.0
#: States in which a late answer still matters.
OPEN_TO_EVIDENCE = (OrderState.UNKNOWN, OrderState.UNDER_REVIEW, OrderState.NOT_PLACED)


@dataclass(frozen=True)
class Intent:
    """A POST whose intent is committed, and which only this worker may now send, once."""

    request: Request
    call: Call
    token: Token = field(repr=False)


def send_order(order: NumberOrder) -> None:
    """Send a claimed order that is queued. Call it with no transaction open."""
    with running(order.pk), acting(order.group.request_id):
        failpoint("order.begun")
        if not _may_go_on(order):
            return
        token = _look_first(order)
        if token is None:
            return
        failpoint("order.looked")
        intent = _write_intent(order, token)
        if intent is None:
            return
        failpoint("order.intent.committed")
        if not _still_ours(order):
            _leave_unsent(order)
            return
        failpoint("order.send.before")
        outcome = _post(intent)
        failpoint("order.answered")
        verdict = after_sending(order, outcome)
        in_turn(partial(_write_outcome, order, intent, outcome, verdict), order, intent.call)
        failpoint("order.outcome.committed")


def _may_go_on(order: NumberOrder) -> bool:
    """Check again that the user may still order; if not, cancel the order, for which nothing was sent."""
    actor = worker_for(order.group)
    try:
        require(actor, Right.ORDER_NUMBERS, order.tenant_id)
        refuse_if_archived(order.tenant)
    except PermissionDenied:
        why = f"{ASKED} may no longer {Right.ORDER_NUMBERS}. Nothing was sent; somebody else can order it."
    except ValidationError as error:
        why = f"{' '.join(error.messages)} Nothing was sent."
    else:
        return True
    _end(order, OrderState.CANCELLED, Verb.ORDER_CANCELLED, why)
    return False


def _end(order: NumberOrder, state: OrderState, verb: Verb, why: str) -> None:
    """End a queued order, unless another worker or a user has changed it."""
    with suppress(Overtaken):
        in_turn(partial(transition, order, state, verb, worker_for(order.group), sentence=why), order)


def _look_first(order: NumberOrder) -> Token | None:
    """Return a valid token if the number is not in the list yet; otherwise put the order off, or end it.

    Before money is spent, the list proves three things: the token is valid, so that the POST does not get a 401; the
    client is the right one; and if the number is listed later, it was bought after this look.
    """
    access = order.group.access
    try:
        token = token_for(access, subject_id=order.pk)
    except KeysetUnusable as error:
        _put_off_or_refuse(order, str(error), f"{error} Nothing was sent.")
        return None
    except (CredentialMissing, DecryptionError) as error:
        _refuse(order, f"{error} Nothing was sent.")
        return None
    except OutboundError as error:
        _not_asked(order, error, diagnosis.of_token(access, error).sentence)
        return None
    try:
        listed = list_tollfree(access, token=token, subject_id=order.pk)
        token = token_for(access, subject_id=order.pk)  # a newer one, if the list call renewed it
    except OutboundError as error:
        _not_asked(order, error, diagnosis.of_list(access, error).sentence)
        return None
    if seen := next((each for each in listed if each.number == order.number), None):
        _own_already(order, before_sending(order, seen))
        return None
    order.absent_at = timezone.now()
    return token


def _own_already(order: NumberOrder, verdict: Verdict) -> None:
    """Refuse an order whose number is listed already, or put it under review."""
    verbs = {OrderState.REFUSED: Verb.ORDER_REFUSED, OrderState.UNDER_REVIEW: Verb.ORDER_UNDER_REVIEW}

    def end() -> None:
        transition(order, verdict.state, verbs[verdict.state], worker_for(order.group), sentence=verdict.sentence)
        add_evidence(order, EvidenceKind.LISTED, verdict.sentence, **verdict.facts)

    with suppress(Overtaken):
        in_turn(end, order)


def _refuse(order: NumberOrder, why: str) -> None:
    _end(order, OrderState.REFUSED, Verb.ORDER_REFUSED, why)


def _not_asked(order: NumberOrder, error: OutboundError, why: str) -> None:
    """Put the order off after an error before the POST, or refuse it if the error is permanent."""
    why = f"{why} Nothing was ordered; order again when that is mended."
    if error.permanent:
        _refuse(order, why)
    else:
        _put_off_or_refuse(order, error.cause, why, wait=error.retry_after)


def _put_off_or_refuse(order: NumberOrder, what: str, why: str, *, wait: float | None = None) -> None:
    if order.tries >= MOST_TRIES:
        _refuse(order, why)
        return
    wait = wait or min(settings.ORDER_BACKOFF_SECONDS * 2 ** max(0, order.tries - 1), LONGEST_WAIT_SECONDS)
    due = timezone.now() + timedelta(seconds=wait)
    sentence = f"{what} Nothing was ordered yet; it is tried again by itself."

    def put_off() -> None:
        if update_if_current(order, due_at=due, lease_until=None, published_at=due, sentence=sentence):
            record_event(order, Verb.ORDER_DELAYED, worker_for(order.group), reason=sentence)
            wake(order, countdown=wait)

    in_turn(put_off, order)


def _write_intent(order: NumberOrder, token: Token) -> Intent | None:
    """Claim the order and write what will be sent, in one transaction; None if somebody else has changed the order."""
    wanted = WantedNumber(order.number, order.comment, order.group.email)
    request = order_request(order.group.access, [wanted])
    try:
        call = in_turn(partial(_claim, order, request), order)
    except Overtaken:
        return None
    return Intent(request, call, token)


def _claim(order: NumberOrder, request: Request) -> Call:
    now = timezone.now()
    call = open_call(
        request, tenant_id=order.tenant_id, subject_id=order.pk, request_id=order.group.request_id, now=now
    )
    transition(
        order,
        OrderState.SENDING,
        Verb.ORDER_SENDING,
        worker_for(order.group),
        sends=order.sends + 1,
        lease_until=now + timedelta(seconds=settings.ORDER_LEASE_SECONDS),
        sender=f"{socket.gethostname()}:{os.getpid()}",
        sent_at=now,
        absent_at=order.absent_at,
        call_id=call.pk,
        call=call,
    )
    add_evidence(order, EvidenceKind.ABSENT, "Before it was sent, the list did not show the number.")
    failpoint("order.intent.uncommitted")
    return call


def _still_ours(order: NumberOrder) -> bool:
    """Check right before the request is sent that the lease has not expired during a pause."""
    ours = NumberOrder.objects.filter(pk=order.pk, state=OrderState.SENDING, fence=order.fence)
    return ours.filter(lease_until__gt=timezone.now()).exists()


def _leave_unsent(order: NumberOrder) -> None:
    """Refuse the order: only this worker could have sent it, and it did not, which is proof that nothing was bought."""
    why = "The worker was paused for too long before it sent anything, so it sent nothing."

    def leave() -> None:
        try:
            transition(
                order, OrderState.REFUSED, Verb.ORDER_REFUSED, worker_for(order.group), sentence=f"{why} Order again."
            )
        except Overtaken:
            _keep_late(order, Verdict(OrderState.REFUSED, why))

    in_turn(leave, order)


def _post(intent: Intent) -> Answer | OutboundError:
    return send_once(intent.request, intent.token)


@sensitive_variables()
def _write_outcome(order: NumberOrder, intent: Intent, outcome: Answer | OutboundError, verdict: Verdict) -> None:
    """Close the call and change the order's state; if the claim was lost, store the answer only as evidence."""
    close_call(intent.call, outcome, intent.token.secrets)
    note_answer(order.group.access, intent.token, outcome)
    try:
        _move_by(order, verdict, intent.call)
    except Overtaken:
        _keep_late(order, verdict, intent.call)
    failpoint("order.outcome.uncommitted")


def _move_by(order: NumberOrder, verdict: Verdict, call: Call) -> None:
    actor, sentence = worker_for(order.group), verdict.sentence
    if verdict.state == OrderState.PLACED:
        place(order, Verb.ORDER_PLACED, verdict, call)
    elif verdict.state == OrderState.REFUSED:
        transition(order, OrderState.REFUSED, Verb.ORDER_REFUSED, actor, sentence=sentence, call=call)
    else:
        transition(
            order, OrderState.UNKNOWN, Verb.ORDER_UNKNOWN, actor, sentence=sentence, call=call, due_at=settle_time()
        )
    add_evidence(order, EvidenceKind.ANSWER, sentence, says_bought=verdict.says_bought, **verdict.facts)


def place(order: NumberOrder, verb: Verb, verdict: Verdict, call: Call | None = None) -> None:
    """Set the order to `placed` and start polling it. Raises Overtaken."""
    now = timezone.now()
    found = verdict.found
    heard = {"provider_order_id": found.order_id[:128], "provider_word": found.status[:60]} if found else {}
    known = {name: value for name, value in heard.items() if value}  # a list has no order id
    due = now + timedelta(seconds=settings.ORDER_POLL_SECONDS)
    transition(
        order,
        OrderState.PLACED,
        verb,
        worker_for(order.group),
        sentence=verdict.sentence,
        call=call,
        due_at=due,
        placed_at=now,
        looks=0,
        failed_looks=0,
        **known,
    )
    wake(order, countdown=settings.ORDER_POLL_SECONDS)


def _keep_late(order: NumberOrder, verdict: Verdict, call: Call | None = None) -> None:
    """Store the answer of a worker that had lost its claim as evidence, and make the order due at once."""
    sentence = f"Too late, its worker says: {verdict.sentence}"
    add_evidence(order, EvidenceKind.LATE_ANSWER, sentence, says_bought=verdict.says_bought, **verdict.facts)
    # The higher fence stops a worker that is looking right now from postponing the next look.
    NumberOrder.objects.filter(pk=order.pk, state__in=OPEN_TO_EVIDENCE).update(
        due_at=timezone.now(), published_at=None, fence=F("fence") + 1
    )
    changes = facts_of(call) if call else {}
    record_event(order, Verb.ORDER_LATE_ANSWER, worker_for(order.group), changes=changes, reason=sentence)
    wake(order)


def settle_time(windows: float = 1.0) -> datetime:
    """Return when to look for an order of unknown outcome: after the time that the list may lag."""
    return timezone.now() + timedelta(seconds=windows * settings.ORDER_SETTLE_SECONDS)
