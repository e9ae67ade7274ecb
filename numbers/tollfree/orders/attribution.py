"""Attribution: which order, if any, bought a number that Genesys Cloud lists. The one place that decides it.

A number is explained by one order only:

1. by the order that holds it, which Genesys Cloud acknowledged, or of which a person decided that it was placed;
2. else by the newest order that was sent, and of which the listed number bears the marks: it was created by the order's
   client, not before the order was sent, and has the comment or the e-mail address that the order gave it;
3. else by the newest order that bought it and gave it back, if it was created for that one.

Dates alone prove nothing: somebody may have bought the number by hand in the same minute.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from tollfree.access import Access
from tollfree.client.answers import TollfreeNumber
from tollfree.orders.models import NumberOrder
from tollfree.orders.states import OrderState

#: Clocks differ: a number created this much before our order may still be of it.
_SKEW = timedelta(minutes=2)
_HOLDS: Final = frozenset({OrderState.PLACED, OrderState.COMPLETED})
_DOUBTFUL: Final = frozenset(
    {OrderState.SENDING, OrderState.UNKNOWN, OrderState.UNDER_REVIEW, OrderState.NOT_PLACED, OrderState.RELEASED}
)
#: Statements stay below the engines' limits of parameters.
_BATCH = 500


def explain(access: Access, listed: Iterable[TollfreeNumber]) -> dict[str, NumberOrder]:
    """Return the order behind each of these numbers in the client's list; a number that none explains is missing.

    It may be another tenant's order: tell nobody more than that there is one.
    """
    seen = {each.number: each for each in listed}
    orders = _orders_of(list(seen))
    found = {number: _explain(access, each, orders.get(number, [])) for number, each in seen.items()}
    return {number: order for number, order in found.items() if order is not None}


def order_behind(access: Access, seen: TollfreeNumber) -> NumberOrder | None:
    """Return the order that explains one number in the client's list, or None."""
    return explain(access, [seen]).get(seen.number)


def created_at(seen: TollfreeNumber) -> datetime | None:
    """Return when the provider says that the number was bought; None if it does not say so readably."""
    try:
        moment = datetime.fromisoformat(str(seen.more.get("dateCreated", "")))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _orders_of(numbers: Sequence[str]) -> dict[str, list[NumberOrder]]:
    """Return what was ordered of these numbers, by whatever tenant, the newest first."""
    found: dict[str, list[NumberOrder]] = {}
    for start in range(0, len(numbers), _BATCH):
        rows = NumberOrder.objects.filter(number__in=numbers[start : start + _BATCH], state__in=_HOLDS | _DOUBTFUL)
        for order in rows.select_related("group").order_by("-sent_at", "-created_at"):
            found.setdefault(order.number, []).append(order)
    return found


def _explain(access: Access, seen: TollfreeNumber, orders: Sequence[NumberOrder]) -> NumberOrder | None:
    if holder := next((order for order in orders if order.state in _HOLDS), None):
        return holder
    return next((order for order in orders if _is_behind(order, access, seen)), None)


def _is_behind(order: NumberOrder, access: Access, seen: TollfreeNumber) -> bool:
    if not _is_of_its_client(order, access, seen) or not _is_of_its_time(order, seen):
        return False
    # What was bought for certain needs no mark: its comment may have been changed since.
    return order.state == OrderState.RELEASED or bears_its_marks(order, seen)


def _is_of_its_client(order: NumberOrder, access: Access, seen: TollfreeNumber) -> bool:
    """Compare who created it [inferred: the client's id]; where the list does not say, who listed it."""
    creator = seen.more.get("createdBy")
    by = creator.get("id") if isinstance(creator, dict) else creator
    if isinstance(by, str) and by:
        return by.casefold() == order.group.client_id.casefold()
    return (order.group.login_url, order.group.client_id) == (access.login_url, access.client_id)


def _is_of_its_time(order: NumberOrder, seen: TollfreeNumber) -> bool:
    """Say whether it can have come from the order: it was not listed before, and is not older.

    A list can lag, so its date has the last word. Without a readable date the look before the POST has to do.
    """
    created = created_at(seen)
    if created is None or order.sent_at is None:
        return order.absent_at is not None
    return created >= order.sent_at - _SKEW


def bears_its_marks(order: NumberOrder, seen: TollfreeNumber) -> bool:
    """Say whether a comment or an e-mail address is the order's, and neither is somebody else's."""
    pairs = [(order.comment, seen.comment), (order.group.email, seen.email)]
    shown = [(ours.casefold().split(), theirs.casefold().split()) for ours, theirs in pairs if theirs.strip()]
    return bool(shown) and all(ours == theirs for ours, theirs in shown)
