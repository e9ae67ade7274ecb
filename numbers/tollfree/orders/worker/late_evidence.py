"""Late evidence: an order was closed as not placed, and later its number is listed or its answer arrives.

Such an order returns to review with the evidence, and never to placed automatically: a person decides. It does not if
another order explains the number, or if the person who decided already had that evidence.
"""

from collections.abc import Sequence
from contextlib import suppress
from functools import partial

from django.db import IntegrityError, transaction
from django.db.models import Q

from genesys_cloud.access import Access
from genesys_cloud.responses import TollfreeNumber
from portal.audit.actors import SYSTEM
from portal.audit.transactions import in_turn
from portal.audit.verbs import Verb
from portal.core.isolation import alone
from tollfree.orders.attribution import explain
from tollfree.orders.models import Evidence, EvidenceKind, NumberOrder
from tollfree.orders.states import OrderState
from tollfree.orders.transitions import Overtaken, add_evidence, transition
from tollfree.orders.worker.lookup import facts_of


def weigh_list(access: Access, listed: Sequence[TollfreeNumber]) -> None:
    """Reopen orders closed as not placed whose numbers are listed. Call it with no transaction open."""
    seen = {each.number: each for each in listed}
    rows = NumberOrder.objects.filter(tenant_id=access.tenant_id, state=OrderState.NOT_PLACED)
    closed = [order for order in rows.select_related("group").order_by("sent_at") if order.number in seen]
    behind = explain(access, [seen[order.number] for order in closed])
    newest = {order.number: order for order in closed}
    for number, order in newest.items():
        found = behind.get(number)
        which = next((each for each in closed if found and each.pk == found.pk), order)
        alone(f"late evidence on order {which.pk}", partial(_weigh_alone, which, seen[number], found), None)


def _weigh_alone(order: NumberOrder, seen: TollfreeNumber, behind: NumberOrder | None) -> None:
    with suppress(Overtaken):
        in_turn(partial(weigh, order, seen, behind), order)


def weigh(order: NumberOrder, seen: TollfreeNumber, behind: NumberOrder | None) -> bool:
    """Reopen a closed order whose number is listed; return whether it was reopened. Raises Overtaken.

    Call it in a transaction. `behind` is the order that explains the number. While a newer order holds the number, only
    the evidence is stored; the next list that shows the number checks again.
    """
    is_ours = behind is not None and behind.pk == order.pk
    if (behind is not None and not is_ours) or _is_settled(order, is_ours=is_ours):
        return False
    sentence = told(is_ours=is_ours)
    if not _is_kept(order):
        add_evidence(order, EvidenceKind.LISTED, sentence, says_bought=is_ours or None, **facts_of(seen))
    return reopen(order, sentence)


def late_answer(order: NumberOrder) -> Evidence | None:
    """Return the late answer that still decides about the order; None without one.

    It counts once: not after it has placed the order, nor after a person's decision or evidence of the opposite.
    """
    late = order.evidence.filter(kind=EvidenceKind.LATE_ANSWER).exclude(says_bought=None).last()
    if late is None or (order.placed_at is not None and order.placed_at >= late.at):
        return None
    overrules = Q(kind=EvidenceKind.DECISION) | Q(says_bought=not late.says_bought)
    return None if order.evidence.filter(overrules, pk__gt=late.pk).exists() else late


def is_denied(order: NumberOrder) -> bool:
    """Return whether a person or the order's own answer has said that nothing was bought."""
    return order.evidence.filter(says_bought=False).exists()


def told(*, is_ours: bool) -> str:
    """Return what a list that shows the number proves, as a message."""
    if is_ours:
        return "Genesys Cloud lists the number, as this order asked for it: it came with this order."
    return (
        "Genesys Cloud lists the number, but nothing proves that it came with this order: somebody may have bought it "
        "by hand. Compare its comment."
    )


def reopen(order: NumberOrder, sentence: str) -> bool:
    """Put a closed order under review again; return False if another order holds the number. Raises Overtaken."""
    why = f"{sentence} It had been closed as not placed; decide again."
    try:
        with transaction.atomic():  # a constraint forbids a second live order of the number
            transition(order, OrderState.UNDER_REVIEW, Verb.ORDER_UNDER_REVIEW, SYSTEM, sentence=why, finished_at=None)
    except IntegrityError:
        return False
    return True


def _is_settled(order: NumberOrder, *, is_ours: bool) -> bool:
    """Return whether this is known: the last decision was made with the number listed, or a late answer refused."""
    decision = order.evidence.filter(kind=EvidenceKind.DECISION).last()
    if decision is not None:
        return order.evidence.filter(kind=EvidenceKind.LISTED, pk__lt=decision.pk).exists()
    return not is_ours and order.evidence.filter(kind=EvidenceKind.LATE_ANSWER, says_bought=False).exists()


def _is_kept(order: NumberOrder) -> bool:
    """Return whether the evidence is stored already since the last decision."""
    decision = order.evidence.filter(kind=EvidenceKind.DECISION).last()
    return order.evidence.filter(kind=EvidenceKind.LISTED, pk__gt=decision.pk if decision else 0).exists()
