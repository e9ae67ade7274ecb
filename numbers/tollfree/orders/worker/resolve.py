"""Resolving unknown outcomes: looks for the order's number in Genesys Cloud's list, and never sends again.

The first look comes after a window in which the list may lag. If the list shows the number as this order asked for it,
the order is placed. A missing number proves nothing: after two looks a person must decide, while a few more looks
follow at growing intervals. A late answer of the worker that sent the order is proof either way, and resolves the
outcome at once. Once somebody has said that nothing was bought, evidence of a purchase only goes to a person.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import Any

from django.utils import timezone

from genesys_cloud import diagnosis
from genesys_cloud.responses import ProviderOrder, TollfreeNumber
from genesys_cloud.tokens import UNASKABLE
from portal.audit.actors import SYSTEM
from portal.audit.context import acting
from portal.audit.transactions import in_turn
from portal.audit.verbs import Verb
from portal.core.logging.formatters import running
from portal.core.tasks.failpoints import failpoint
from portal.http_client.errors import OutboundError
from tollfree.orders.attribution import order_behind
from tollfree.orders.models import Evidence, EvidenceKind, NumberOrder
from tollfree.orders.states import OrderState
from tollfree.orders.transitions import Overtaken, add_evidence, transition, update_if_current
from tollfree.orders.worker.late_evidence import is_denied, late_answer, reopen, told, weigh
from tollfree.orders.worker.lookup import facts_of, last_decision, look_for
from tollfree.orders.worker.results import Verdict
from tollfree.orders.worker.send import place, settle_time

#: Looks without result before a person must decide, and looks in all, at growing intervals.
LOOKS_BEFORE_REVIEW = 2
MOST_LOOKS = 6
#: Failed looks before a person must decide.
MOST_FAILED_LOOKS = 8
_APART = 4
#: How often the wait doubles for a number that a newer order holds.
_LONGEST_WAIT = 8

Step = Callable[[], None]


def settle_order(order: NumberOrder) -> None:
    """Take the next step of a claimed order that is unknown, under review or closed as not placed."""
    with running(order.pk), acting(order.group.request_id):
        failpoint("order.settle.begun")
        step = _by_late_answer(order) or _by_looking(order)
        failpoint("order.settle.looked")
        in_turn(partial(_carry_out, step), order)
        failpoint("order.settle.committed")


def _carry_out(step: Step) -> None:
    """Run the step; its evidence is kept even if somebody else has changed the order."""
    with suppress(Overtaken):
        step()
    failpoint("order.settle.uncommitted")


def is_extra(order: NumberOrder) -> bool:
    """Return whether a person requested this look before the next one was due: it does not count as a look."""
    return order.look_asked_at is not None and (order.resume_at is None or order.resume_at > timezone.now())


def look_next(order: NumberOrder, due_at: datetime | None, **facts: Any) -> None:
    """Set when the next automatic look is due; a requested look does not postpone it. Raises Overtaken."""
    due = order.resume_at if is_extra(order) else due_at
    over = {"lease_until": None, "look_asked_at": None, "resume_at": None, "tries": 0}
    if not update_if_current(order, due_at=due, published_at=None, **over, **facts):
        raise Overtaken


def _by_late_answer(order: NumberOrder) -> Step | None:
    """Return the step that follows from a late answer; None without one that still decides."""
    late = late_answer(order)
    if late is None:
        return None
    return _by_late_purchase(order, late) if late.says_bought else _by_late_refusal(order, late)


def _by_late_refusal(order: NumberOrder, late: Evidence) -> Step | None:
    if order.state == OrderState.NOT_PLACED:
        return lambda: look_next(order, None)
    if last_decision(order) is False:
        return None  # reopened since then, so a person decides
    sentence = f"{late.sentence} So nothing was bought."
    return lambda: transition(order, OrderState.NOT_PLACED, Verb.ORDER_NOT_PLACED, SYSTEM, sentence=sentence)


def _by_late_purchase(order: NumberOrder, late: Evidence) -> Step | None:
    if order.state == OrderState.NOT_PLACED:
        seen, why = _look(order)  # whoever decides anew needs both: the answer and the list
        return lambda: _reopen(order, late.sentence, seen, why)
    if is_denied(order):
        return None
    found = ProviderOrder(str(late.facts.get("order_id", "")), str(late.facts.get("status", "")))
    return lambda: place(order, Verb.ORDER_PLACED, Verdict(OrderState.PLACED, late.sentence, found))


def _by_looking(order: NumberOrder) -> Step:
    """Look at the list, and return the step that follows."""
    seen, why = _look(order)
    if why:
        return lambda: _look_failed(order, why)
    if seen is None:
        return lambda: _not_found(order)
    return lambda: _found(order, seen)


def _look(order: NumberOrder) -> tuple[TollfreeNumber | None, str]:
    """Return the number as the list shows it, and why the list could not be read."""
    try:
        return look_for(order), ""
    except OutboundError as error:
        return None, diagnosis.of(order.group.access, error).sentence
    except UNASKABLE as error:
        return None, str(error)


def _found(order: NumberOrder, seen: TollfreeNumber) -> None:
    if order.state == OrderState.NOT_PLACED:
        if not weigh(order, seen, order_behind(order.group.access, seen)):
            look_next(order, None)
        return
    is_ours, sentence = _keep_listed(order, seen)
    if is_ours and is_denied(order):
        _to_review(order, f"{sentence} It had been closed as not placed; decide again.")
    elif is_ours:
        found = ProviderOrder("", seen.status)
        place(order, Verb.ORDER_PLACED, Verdict(OrderState.PLACED, sentence, found))
    else:
        _to_review(order, f"{sentence} Decide whether this order bought it.")


def _keep_listed(order: NumberOrder, seen: TollfreeNumber) -> tuple[bool, str]:
    """Store that the list shows the number; return whether this order bought it, and the message."""
    behind = order_behind(order.group.access, seen)
    is_ours = behind is not None and behind.pk == order.pk
    sentence = told(is_ours=is_ours)
    if behind is not None and not is_ours:
        sentence = "Genesys Cloud lists the number, but another order explains it."
    add_evidence(order, EvidenceKind.LISTED, sentence, says_bought=is_ours or None, **facts_of(seen))
    return is_ours, sentence


def _not_found(order: NumberOrder) -> None:
    if is_extra(order):
        add_evidence(
            order, EvidenceKind.NOT_LISTED, "A look that was asked for: Genesys Cloud does not list the number."
        )
        look_next(order, None)
        return
    looks = order.looks + 1
    add_evidence(order, EvidenceKind.NOT_LISTED, f"Look {looks}: Genesys Cloud does not list the number.")
    if order.state == OrderState.NOT_PLACED:
        look_next(order, None, looks=looks)
    elif order.state == OrderState.UNKNOWN and looks >= LOOKS_BEFORE_REVIEW:
        _to_review(
            order,
            f"Genesys Cloud does not list the number, {looks} looks long. That proves nothing: its list may lag. "
            "Ask your Genesys contact, then decide whether it was placed.",
            looks=looks,
            due_at=_next_look(looks),
        )
    else:
        look_next(order, _next_look(looks), looks=looks)


def _next_look(looks: int) -> datetime | None:
    """Return when to look again: after one window at first, then at growing intervals; None after the last look."""
    if looks >= MOST_LOOKS:
        return None
    return settle_time(_APART ** max(0, looks - LOOKS_BEFORE_REVIEW))


def _look_failed(order: NumberOrder, why: str) -> None:
    add_evidence(order, EvidenceKind.LOOK_FAILED, why)
    if is_extra(order):
        look_next(order, None)
        return
    failed = order.failed_looks + 1
    if failed < MOST_FAILED_LOOKS:
        # Failed looks do not count as looks: the list was not read.
        look_next(order, settle_time(), failed_looks=failed)
    elif order.state == OrderState.UNKNOWN:
        _to_review(order, f"{why} It could not be looked for {failed} times. Decide whether the number was bought.")
    else:
        look_next(order, None, failed_looks=failed)


def _to_review(order: NumberOrder, sentence: str, **facts: Any) -> None:
    if order.state == OrderState.UNDER_REVIEW:
        look_next(order, None, sentence=sentence)
    else:
        transition(order, OrderState.UNDER_REVIEW, Verb.ORDER_UNDER_REVIEW, SYSTEM, sentence=sentence, **facts)


def _reopen(order: NumberOrder, sentence: str, seen: TollfreeNumber | None, why: str) -> None:
    """Put a closed order under review with its late answer and what the list shows now.

    If a newer order holds the number, wait at growing intervals; if that order explains the listed number, rest.
    """
    if reopen(order, sentence):
        _keep_look(order, seen, why)
    elif seen is not None and _is_anothers(order, seen):
        look_next(order, None)
    else:
        look_next(order, settle_time(2 ** min(order.looks, _LONGEST_WAIT)), looks=order.looks + 1)


def _keep_look(order: NumberOrder, seen: TollfreeNumber | None, why: str) -> None:
    if why:
        add_evidence(order, EvidenceKind.LOOK_FAILED, why)
    elif seen is None:
        add_evidence(order, EvidenceKind.NOT_LISTED, "Genesys Cloud does not list the number.")
    else:
        _keep_listed(order, seen)


def _is_anothers(order: NumberOrder, seen: TollfreeNumber) -> bool:
    behind = order_behind(order.group.access, seen)
    return behind is not None and behind.pk != order.pk
