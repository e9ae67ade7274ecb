"""Actions on orders under review: look again, decide whether the order was placed, undo a decision."""

from django.core.exceptions import ValidationError
from django.utils import timezone

from portal.accounts.permission import require
from portal.accounts.rights import Right
from portal.audit.actors import Actor
from portal.audit.transactions import atomic
from portal.audit.verbs import Verb
from tollfree.orders.models import EvidenceKind, NumberOrder
from tollfree.orders.states import OrderState
from tollfree.orders.transitions import add_evidence, record_event, transition, update_if_current, wake
from tollfree.orders.validation import checked_text
from tollfree.orders.worker.lookup import last_decision
from tollfree.orders.worker.send import settle_time

#: Windows from the decision "not placed" until a last look: a paused worker may still send.
LAST_LOOK_WINDOWS = 12.0


@atomic
def decide_placed(actor: Actor, order: NumberOrder, *, reason: str) -> NumberOrder:
    """Decide that the number was bought: the order is polled from now on. Raises ValidationError."""
    order, reason = _under_review(actor, order, reason)
    _keep_decision(order, reason, placed=True)
    now = timezone.now()
    transition(
        order,
        OrderState.PLACED,
        Verb.ORDER_PLACED,
        actor,
        sentence=reason,
        due_at=now,
        placed_at=now,
        looks=0,  # polling starts again at short intervals
        failed_looks=0,
    )
    wake(order)
    return order


@atomic
def decide_not_placed(actor: Actor, order: NumberOrder, *, reason: str) -> NumberOrder:
    """Decide that nothing was bought: the number is free for another order. Raises ValidationError."""
    order, reason = _under_review(actor, order, reason)
    _keep_decision(order, reason, placed=False)
    last_look = settle_time(LAST_LOOK_WINDOWS)
    transition(order, OrderState.NOT_PLACED, Verb.ORDER_NOT_PLACED, actor, sentence=reason, due_at=last_look)
    return order


@atomic
def undo_decision(actor: Actor, order: NumberOrder, *, reason: str) -> NumberOrder:
    """Undo the decision “placed”: the order is under review again. Raises ValidationError."""
    require(actor, Right.REVIEW_ORDER, order.tenant_id)
    reason = checked_text("reason", reason, needed="Say why the decision was wrong.")
    order = _locked(order)
    if not was_decided_placed(order):
        raise ValidationError(f"This order is {order.get_state_display().lower()}; there is no decision to undo.")
    add_evidence(order, EvidenceKind.DECISION, f"A person took the decision “placed” back. {reason}")
    transition(order, OrderState.UNDER_REVIEW, Verb.ORDER_UNDER_REVIEW, actor, sentence=reason)
    return order


def was_decided_placed(order: NumberOrder) -> bool:
    """Return whether the order is placed because a person decided so."""
    return order.state == OrderState.PLACED and last_decision(order) is True


@atomic
def look_again(actor: Actor, order: NumberOrder) -> NumberOrder:
    """Have a worker look again now; if one is looking already, nothing changes. Raises ValidationError.

    This look does not count, and the automatic looks stay due at their times, because the list may lag.
    """
    require(actor, Right.REVIEW_ORDER, order.tenant_id)
    order = _locked(order)
    if order.state not in {OrderState.UNKNOWN, OrderState.UNDER_REVIEW, OrderState.PLACED}:
        raise ValidationError(f"This order is {order.get_state_display().lower()}: there is nothing to look for.")
    now = timezone.now()
    is_looked_at = order.lease_until is not None and order.lease_until > now
    if not is_looked_at and (order.due_at is None or order.due_at > now):
        update_if_current(order, look_asked_at=now, resume_at=order.due_at, due_at=now, published_at=now)
        record_event(order, Verb.ORDER_LOOK_ASKED, actor)
    wake(order)
    return order


def _under_review(actor: Actor, order: NumberOrder, reason: str) -> tuple[NumberOrder, str]:
    require(actor, Right.REVIEW_ORDER, order.tenant_id)
    reason = checked_text("reason", reason, needed="Say how you know: whom you asked, or what you saw.")
    order = _locked(order)
    if order.state != OrderState.UNDER_REVIEW:
        raise ValidationError(f"This order is {order.get_state_display().lower()}; it does not wait for a decision.")
    return order, reason


def _locked(order: NumberOrder) -> NumberOrder:
    return NumberOrder.objects.select_for_update(of=("self",), no_key=True).select_related("group").get(pk=order.pk)


def _keep_decision(order: NumberOrder, reason: str, *, placed: bool) -> None:
    word = "placed" if placed else "not placed"
    add_evidence(order, EvidenceKind.DECISION, f"A person decided: {word}. {reason}", says_bought=placed)
