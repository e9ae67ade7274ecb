import time
from uuid import UUID

import pytest

from tollfree.orders.models import NumberOrder
from tollfree.orders.open_work import await_orders, exit_code
from tollfree.orders.worker import dispatch


def test_an_order_that_stumbles_leaves_the_others_their_turn(
    queued: NumberOrder, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone: list[UUID] = []

    def stumble_over_first(order_id: UUID) -> None:
        gone.append(order_id)
        if len(gone) == 1:
            raise ZeroDivisionError

    monkeypatch.setattr(dispatch, "go", stumble_over_first)
    other = UUID(int=7)
    assert await_orders([queued.pk, other], seconds=0, inline=True) == [queued]
    assert gone == [queued.pk, other]


@pytest.mark.parametrize(
    ("state", "waits"),
    [
        *[(state, True) for state in ("queued", "sending", "placed", "unknown")],
        *[(state, False) for state in ("draft", "awaiting_approval", "under_review", "completed", "refused")],
        *[(state, False) for state in ("declined", "cancelled", "not_placed", "released")],
    ],
)
def test_what_a_worker_goes_on_with_is_waited_for(
    queued: NumberOrder, monkeypatch: pytest.MonkeyPatch, state: str, *, waits: bool
) -> None:
    NumberOrder.objects.filter(pk=queued.pk).update(state=state)
    slept: list[float] = []

    def complete(seconds: float) -> None:
        slept.append(seconds)
        NumberOrder.objects.filter(pk=queued.pk).update(state="completed")

    monkeypatch.setattr(time, "sleep", complete)
    (seen,) = await_orders([queued.pk], seconds=60, inline=False)
    assert (bool(slept), seen.state) == (waits, "completed" if waits else state)


def test_what_is_only_placed_when_the_time_is_over_exits_with_0(queued: NumberOrder) -> None:
    NumberOrder.objects.filter(pk=queued.pk).update(state="placed")
    orders = await_orders([queued.pk], seconds=0, inline=False)
    assert ([order.state for order in orders], exit_code(orders)) == (["placed"], 0)
