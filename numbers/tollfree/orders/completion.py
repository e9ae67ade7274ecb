"""What follows from an order's end, in the transaction of its move; other rooms register what they do."""

from collections.abc import Callable

from tollfree.orders.models import NumberOrder, Release

#: Called with an order that was just completed: the number becomes inventory, and gets a sender-ID draft.
completed: list[Callable[[NumberOrder], None]] = []
#: Called with a release of which the number was just given back.
released: list[Callable[[Release], None]] = []


def announce(order: NumberOrder) -> None:
    """Tell the rooms above; an error of theirs undoes the completion, which is tried again."""
    for follow in completed:
        follow(order)
