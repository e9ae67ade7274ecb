"""Attribution: decides which order, if any, bought a number that Genesys Cloud lists. Nothing else decides this.

A number is explained by one order only:

1. by the order that holds it: Genesys Cloud acknowledged it, or a person decided that it was placed;
2. otherwise by the newest order that matches the listed number: the order's client created the number, not before the
   order was sent, and the comment or e-mail address is the order's. If the order bought and released the number, the
   comment and e-mail address need not match.

Dates alone prove nothing: somebody may have bought the number by hand in the same minute.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from genesys_cloud.access import Access
from genesys_cloud.responses import TollfreeNumber
from tollfree.orders.models import NumberOrder
from tollfree.orders.states import OrderState

#: Tolerance for clock differences between the number's creation and the order's POST.
_SKEW = timedelta(minutes=2)
_HOLDS: Final = frozenset({OrderState.PLACED, OrderState.COMPLETED})
_DOUBTFUL: Final = frozenset(
    {OrderState.SENDING, OrderState.UNKNOWN, OrderState.UNDER_REVIEW, OrderState.NOT_PLACED, OrderState.RELEASED}
)
#: Keeps statements below the databases' limits of parameters.
_BATCH = 500


def explain(access: Access, listed: Iterable[TollfreeNumber]) -> dict[str, NumberOrder]:
    """Return, by number, the order that explains each number in the client's list; numbers without one are left out.

    It may be another tenant's order: never show more than that it exists.
    """
    seen = {each.number: each for each in listed}
    orders = _orders_of(list(seen))
    found = {number: _explain(access, each, orders.get(number, [])) for number, each in seen.items()}
    return {number: order for number, order in found.items() if order is not None}


def order_behind(access: Access, seen: TollfreeNumber) -> NumberOrder | None:
    """Return the order that explains one number in the client's list, or None."""
    return explain(access, [seen]).get(seen.number)


def created_at(seen: TollfreeNumber) -> datetime | None:
    """Return when the number was bought, according to the provider; None if the date is missing or unreadable."""
    try:
        moment = datetime.fromisoformat(str(seen.more.get("dateCreated", "")))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _orders_of(numbers: Sequence[str]) -> dict[str, list[NumberOrder]]:
    """Return the orders of these numbers, across all tenants, newest first."""
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
    # A certain purchase needs no matching comment, which may have changed since.
    return order.state == OrderState.RELEASED or bears_its_marks(order, seen)


def _is_of_its_client(order: NumberOrder, access: Access, seen: TollfreeNumber) -> bool:
    """Compare the creator [inferred: the client's id]; if the list has none, compare the client that read the list."""
    creator = seen.more.get("createdBy")
    by = creator.get("id") if isinstance(creator, dict) else creator
    if isinstance(by, str) and by:
        return by.casefold() == order.group.client_id.casefold()
    return (order.group.login_url, order.group.client_id) == (access.login_url, access.client_id)


def _is_of_its_time(order: NumberOrder, seen: TollfreeNumber) -> bool:
    """Return whether the order can have bought the number: it is not older than the order.

    The list can lag, so the creation date decides. Without a readable date, it is enough that the list did not show the
    number before the POST.
    """
    created = created_at(seen)
    if created is None or order.sent_at is None:
        return order.absent_at is not None
    return created >= order.sent_at - _SKEW


def bears_its_marks(order: NumberOrder, seen: TollfreeNumber) -> bool:
    """Return whether the comment or e-mail address is the order's, and neither is different."""
    pairs = [(order.comment, seen.comment), (order.group.email, seen.email)]
    shown = [(ours.casefold().split(), theirs.casefold().split()) for ours, theirs in pairs if theirs.strip()]
    return bool(shown) and all(ours == theirs for ours, theirs in shown)
