"""Late evidence: an order was closed as not placed, and then its number is listed, or its answer comes.

It goes back to review once, with the evidence, and never to placed by itself: a person had decided. Not where another
order explains the number, and not where the person knew already that it was listed.
"""

from collections.abc import Sequence
from contextlib import suppress
from functools import partial

from django.db import IntegrityError, transaction

from portal.audit.actors import SYSTEM
from portal.audit.verbs import Verb
from portal.core.isolation import alone
from portal.turns import turn
from tollfree.access import Access
from tollfree.client.answers import TollfreeNumber
from tollfree.orders.attribution import explain
from tollfree.orders.models import EvidenceKind, NumberOrder
from tollfree.orders.moving import Overtaken, add_evidence, move
from tollfree.orders.sighting import facts_of
from tollfree.orders.states import OrderState


def weigh_list(access: Access, listed: Sequence[TollfreeNumber]) -> None:
    """Reopen what was closed as not placed, and is listed after all. Call it with no transaction open."""
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
    with suppress(Overtaken), turn(), transaction.atomic():
        weigh(order, seen, behind)


def weigh(order: NumberOrder, seen: TollfreeNumber, behind: NumberOrder | None) -> bool:
    """Reopen a closed order whose number is listed, in the caller's transaction; say whether. Raises Overtaken.

    `behind` is the order that explains the number. While a newer order holds the number nothing moves; the evidence is
    kept, and the next list that shows the number is weighed again.
    """
    is_ours = behind is not None and behind.pk == order.pk
    if (behind is not None and not is_ours) or _is_settled(order, is_ours=is_ours):
        return False
    sentence = told(is_ours=is_ours)
    if not _is_kept(order):
        add_evidence(order, EvidenceKind.LISTED, sentence, says_bought=is_ours or None, **facts_of(seen))
    return reopen(order, sentence)


def told(*, is_ours: bool) -> str:
    """Say what a list that shows the number proves; what it shows of the number is in the evidence's facts."""
    if is_ours:
        return "Genesys Cloud lists the number, as this order asked for it: it came with this order."
    return (
        "Genesys Cloud lists the number, but nothing proves that it came with this order: somebody may have bought it "
        "by hand. Compare its comment."
    )


def reopen(order: NumberOrder, sentence: str) -> bool:
    """Put a closed order before a person again; not while another order holds the number. Raises Overtaken."""
    why = f"{sentence} It had been closed as not placed; decide again."
    try:
        with transaction.atomic():  # the database refuses a second live order of the number
            move(order, OrderState.UNDER_REVIEW, Verb.ORDER_UNDER_REVIEW, SYSTEM, sentence=why, finished_at=None)
    except IntegrityError:
        return False
    return True


def _is_settled(order: NumberOrder, *, is_ours: bool) -> bool:
    """Say whether this is no news: a person decided with the listed number in view, or Genesys Cloud had refused."""
    decision = order.evidence.filter(kind=EvidenceKind.DECISION).last()
    if decision is not None:
        return order.evidence.filter(kind=EvidenceKind.LISTED, pk__lt=decision.pk).exists()
    return not is_ours and order.evidence.filter(kind=EvidenceKind.LATE_ANSWER, says_bought=False).exists()


def _is_kept(order: NumberOrder) -> bool:
    """Say whether the evidence stands there since the last decision."""
    decision = order.evidence.filter(kind=EvidenceKind.DECISION).last()
    return order.evidence.filter(kind=EvidenceKind.LISTED, pk__gt=decision.pk if decision else 0).exists()
