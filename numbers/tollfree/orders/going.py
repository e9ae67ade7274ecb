"""Whatever is due for an order or a release, done: one entry for all messages, which may be late, double or lost."""

from uuid import UUID

from django.utils import timezone

from tollfree.orders.models import NumberOrder, Release
from tollfree.orders.polling import poll_order
from tollfree.orders.releasing import send_release, settle_release
from tollfree.orders.sending import send_order
from tollfree.orders.settling import settle_order
from tollfree.orders.states import OrderState, ReleaseState

_STEPS = {
    OrderState.QUEUED: send_order,
    OrderState.UNKNOWN: settle_order,
    OrderState.UNDER_REVIEW: settle_order,
    OrderState.NOT_PLACED: settle_order,
    OrderState.PLACED: poll_order,
}
_RELEASE_STEPS = {ReleaseState.WAITING: send_release, ReleaseState.UNKNOWN: settle_release}


def go(order_id: UUID) -> None:
    """Do what is due for an order now, if anything is; call it with no transaction open."""
    due = NumberOrder.objects.select_related("group", "tenant").filter(pk=order_id, due_at__lte=timezone.now())
    order = due.first()
    if order is not None and (step := _STEPS.get(OrderState(order.state))):
        step(order)


def go_release(release_id: UUID) -> None:
    """Do what is due for a release now."""
    due = Release.objects.select_related("tenant", "order").filter(pk=release_id, due_at__lte=timezone.now())
    release = due.first()
    if release is not None and (step := _RELEASE_STEPS.get(ReleaseState(release.state))):
        step(release)
