"""Gauges of orders, for the operations page and the metrics."""

from django.db.models import Min
from django.utils import timezone

from portal.operations.gauges import Gauge
from tollfree.orders.models import NumberOrder
from tollfree.orders.states import OrderState


def _in_state(state: OrderState) -> float:
    return float(NumberOrder.objects.filter(state=state).count())


def _oldest_waiting() -> float | None:
    """Return how many seconds the oldest queued order has waited; without a worker this grows."""
    waiting = NumberOrder.objects.filter(state=OrderState.QUEUED)
    oldest = waiting.aggregate(oldest=Min("group__confirmed_at"))["oldest"]
    return (timezone.now() - oldest).total_seconds() if oldest else None


GAUGES = (
    Gauge("orders_queued", "Orders that wait to be sent", lambda: _in_state(OrderState.QUEUED)),
    Gauge("orders_unknown", "Orders of unknown outcome", lambda: _in_state(OrderState.UNKNOWN)),
    Gauge("orders_under_review", "Orders under review", lambda: _in_state(OrderState.UNDER_REVIEW)),
    Gauge("orders_oldest_waiting_seconds", "Oldest order that waits to be sent", _oldest_waiting, seconds=True),
)
