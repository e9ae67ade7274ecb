"""Order hooks: functions that other packages register to run when an order completes or a number is released.

They run in the transaction that changes the state.
"""

from collections.abc import Callable

from tollfree.orders.models import NumberOrder, Release

#: Called with a completed order: adds the number to the inventory and drafts its sender ID.
completed: list[Callable[[NumberOrder], None]] = []
#: Called with a release whose number was given back.
released: list[Callable[[Release], None]] = []


def announce(order: NumberOrder) -> None:
    """Run the hooks for a completed order; an error rolls the completion back, and it is tried again."""
    for follow in completed:
        follow(order)
