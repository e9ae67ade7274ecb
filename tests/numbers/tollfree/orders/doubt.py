"""Orders whose outcome nobody knows, and how they come there."""

from portal.sandbox.control import Control
from tests.tollfree.orders.buying import go_now
from tollfree.orders.models import NumberOrder

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
