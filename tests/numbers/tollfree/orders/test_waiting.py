from uuid import UUID

import pytest

from tollfree.orders import going
from tollfree.orders.models import NumberOrder
from tollfree.orders.waiting import await_orders


def test_an_order_that_stumbles_leaves_the_others_their_turn(
    queued: NumberOrder, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone: list[UUID] = []

    def stumble_over_first(order_id: UUID) -> None:
        gone.append(order_id)
        if len(gone) == 1:
            raise ZeroDivisionError

    monkeypatch.setattr(going, "go", stumble_over_first)
    other = UUID(int=7)
    assert await_orders([queued.pk, other], seconds=0, inline=True) == [queued]
    assert gone == [queued.pk, other]
