"""Orders whose outcome nobody knows, and how they come there."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from portal.devtools.sandbox.control import Control
from portal.http_client.errors import OutboundError
from portal.http_client.messages import Answer
from tests.support.sweeping import sweep_orders
from tests.tollfree.orders.buying import fresh, go_now
from tollfree.orders.models import NumberOrder
from tollfree.orders.worker import dispatch, send

POST = {"method": "POST", "path_contains": "tollfreenumbers"}


def unknown(order: NumberOrder, sandbox: Control) -> NumberOrder:
    """The request is lost before it has an effect."""
    sandbox.fault("reply_lost_before_effect", match=POST)
    seen = go_now(order)
    assert seen.state == "unknown"
    return seen


def under_review(order: NumberOrder, sandbox: Control) -> NumberOrder:
    """The same, and two looks that find nothing."""
    seen = go_now(go_now(unknown(order, sandbox)))
    assert seen.state == "under_review"
    return seen


def answered_after(order: NumberOrder, sandbox: Control, decide: Callable[[NumberOrder], object]) -> NumberOrder:
    """Its worker is paused right before the POST; two looks find nothing, `decide` is called, then the POST buys."""
    post = send._post  # noqa: SLF001 - it sleeps right before this line

    def sleep(intent: send.Intent) -> Answer | OutboundError:
        NumberOrder.objects.filter(pk=order.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
        sweep_orders()
        assert go_now(go_now(order)).state == "under_review"
        decide(fresh(order))
        return post(intent)

    with pytest.MonkeyPatch.context() as paused:
        paused.setattr(send, "_post", sleep)
        dispatch.go(order.pk)
    late = fresh(order)
    assert late.evidence.get(kind="late_answer").says_bought is True
    assert sandbox.bought() == {order.number: 1}
    return late
