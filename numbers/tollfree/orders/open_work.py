"""Waiting for orders in a management command, with exit codes. A worker does the steps, or this process does."""

import time
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import Final
from uuid import UUID

from django.utils import timezone

from portal.core.isolation import alone
from tollfree.orders.models import NumberOrder
from tollfree.orders.states import OrderState
from tollfree.orders.worker import dispatch

_LOOK_SECONDS = 0.2
_S = OrderState

#: Exit code for each state; all other states mean that the order is under way. Genesys Cloud has what is placed, so
#: nobody has to do anything; but a worker goes on until it is completed, so `await_orders` waits for that.
ORDERED, REFUSED, UNKNOWN, UNDER_WAY = 0, 1, 3, 4
_CODES: Final = {
    _S.COMPLETED: ORDERED,
    _S.PLACED: ORDERED,
    _S.REFUSED: REFUSED,
    _S.DECLINED: REFUSED,
    _S.CANCELLED: REFUSED,
    _S.NOT_PLACED: REFUSED,
    _S.RELEASED: REFUSED,
    _S.UNKNOWN: UNKNOWN,
    _S.UNDER_REVIEW: UNKNOWN,
}
#: States that a worker goes on with.
_UNDER_WAY: Final = frozenset({_S.QUEUED, _S.SENDING, _S.UNKNOWN, _S.PLACED})


def exit_code(orders: Sequence[NumberOrder]) -> int:
    """Return the exit code that needs most attention: unknown, then refused, then under way, then ordered."""
    codes = {_CODES.get(OrderState(order.state), UNDER_WAY) for order in orders}
    return next((code for code in (UNKNOWN, REFUSED, UNDER_WAY) if code in codes), ORDERED)


def await_orders(ids: Sequence[UUID], *, seconds: float, inline: bool) -> list[NumberOrder]:
    """Wait until nothing more happens without a person, or the time is over, and return the orders.

    With `inline`, this process runs the steps that are due, at least once. Call it with no transaction open.
    """
    until = timezone.now() + timedelta(seconds=seconds)
    while True:
        if inline:
            for order_id in ids:
                alone(f"order {order_id}", partial(dispatch.go, order_id), None)
        orders = list(NumberOrder.objects.filter(pk__in=ids).order_by("number"))
        if timezone.now() >= until or not any(order.state in _UNDER_WAY for order in orders):
            return orders
        time.sleep(_LOOK_SECONDS)
