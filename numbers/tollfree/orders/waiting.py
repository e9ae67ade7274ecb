"""Waiting for orders in a command: by a worker, or by doing a worker's part in this process."""

import time
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import Final
from uuid import UUID

from django.utils import timezone

from portal.core.isolation import alone
from tollfree.orders import going
from tollfree.orders.models import NumberOrder
from tollfree.orders.states import OrderState

_LOOK_SECONDS = 0.2
_S = OrderState

#: How a command ends for each state; the others mean that the order is under way.
COMPLETED, REFUSED, UNKNOWN, UNDER_WAY = 0, 1, 3, 4
_CODES: Final = {
    _S.COMPLETED: COMPLETED,
    _S.PLACED: COMPLETED,
    _S.REFUSED: REFUSED,
    _S.DECLINED: REFUSED,
    _S.CANCELLED: REFUSED,
    _S.NOT_PLACED: REFUSED,
    _S.RELEASED: REFUSED,
    _S.UNKNOWN: UNKNOWN,
    _S.UNDER_REVIEW: UNKNOWN,
}
#: Nothing more happens without a person, or at all.
_AT_REST: Final = (frozenset(_CODES) - {_S.UNKNOWN, _S.PLACED}) | {_S.DRAFT, _S.AWAITING_APPROVAL}


def exit_code(orders: Sequence[NumberOrder]) -> int:
    """Return the code that asks for most care: unknown, then refused, then under way, then all is well."""
    codes = {_CODES.get(OrderState(order.state), UNDER_WAY) for order in orders}
    return next((code for code in (UNKNOWN, REFUSED, UNDER_WAY) if code in codes), COMPLETED)


def await_orders(ids: Sequence[UUID], *, seconds: float, inline: bool) -> list[NumberOrder]:
    """Return the orders when all have ended, or after so many seconds; `inline` does what is due, at least once.

    Call it with no transaction open.
    """
    until = timezone.now() + timedelta(seconds=seconds)
    while True:
        if inline:
            for order_id in ids:
                alone(f"order {order_id}", partial(going.go, order_id), None)
        orders = list(NumberOrder.objects.filter(pk__in=ids).order_by("number"))
        if timezone.now() >= until or all(order.state in _AT_REST for order in orders):
            return orders
        time.sleep(_LOOK_SECONDS)
