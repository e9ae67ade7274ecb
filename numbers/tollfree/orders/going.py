"""Whatever is due for an order or a release, done: one entry for all messages, which may be late, double or lost.

What is due is claimed first. `due_at` becomes the end of the lease, so that a worker that dies is made up for, and the
fence goes up, so that one that was paused beyond its lease changes nothing.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import F, QuerySet
from django.utils import timezone

from portal.core.tasks.claim import claim
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
_RELEASE_STEPS = {
    ReleaseState.WAITING: send_release,
    ReleaseState.UNKNOWN: settle_release,
    ReleaseState.UNDER_REVIEW: settle_release,
}


def go(order_id: UUID) -> None:
    """Do what is due for an order now, if anything is; call it with no transaction open."""
    if (order := claim_order(order_id)) is not None:
        _STEPS[OrderState(order.state)](order)


def go_release(release_id: UUID) -> None:
    """Do what is due for a release now."""
    if (release := claim_release(release_id)) is not None:
        _RELEASE_STEPS[ReleaseState(release.state)](release)


def orders_to_claim(now: datetime) -> QuerySet[NumberOrder]:
    """Return the orders for which something is due."""
    return NumberOrder.objects.filter(state__in=[*_STEPS], due_at__lte=now)


def releases_to_claim(now: datetime) -> QuerySet[Release]:
    """Return the releases for which something is due."""
    return Release.objects.filter(state__in=[*_RELEASE_STEPS], due_at__lte=now)


def claim_order(order_id: UUID) -> NumberOrder | None:
    """Claim what is due for an order."""
    now = timezone.now()
    return claim(orders_to_claim(now), order_id, related=["group", "tenant"], **_lease(now))


def claim_release(release_id: UUID) -> Release | None:
    """Claim what is due for a release."""
    now = timezone.now()
    return claim(releases_to_claim(now), release_id, related=["tenant", "order"], **_lease(now))


def _lease(now: datetime) -> dict[str, Any]:
    again = now + timedelta(seconds=settings.ORDER_LEASE_SECONDS)
    return {"lease_until": again, "due_at": again, "fence": F("fence") + 1}
