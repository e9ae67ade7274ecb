"""Dispatch of orders and releases: claims what is due and runs the step for its state.

Messages may be late, lost or repeated, because only the rows say what is due. A claim sets `due_at` to the end of the
lease, so that the work of a dead worker is done again. It also raises the fence, so that a worker that was paused
beyond its lease changes nothing.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import F, QuerySet
from django.utils import timezone

from portal.core.tasks.claim import claim
from tollfree.orders.models import NumberOrder, Release
from tollfree.orders.releases.worker import send_release, settle_release
from tollfree.orders.states import OrderState, ReleaseState
from tollfree.orders.worker.poll import poll_order
from tollfree.orders.worker.resolve import settle_order
from tollfree.orders.worker.send import send_order

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
    """Claim an order and run its step, if one is due. Call it with no transaction open."""
    if (order := claim_order(order_id)) is not None:
        _STEPS[OrderState(order.state)](order)


def go_release(release_id: UUID) -> None:
    """Claim a release and run its step, if one is due. Call it with no transaction open."""
    if (release := claim_release(release_id)) is not None:
        _RELEASE_STEPS[ReleaseState(release.state)](release)


def orders_to_claim(now: datetime) -> QuerySet[NumberOrder]:
    """Return the orders that have a step due."""
    return NumberOrder.objects.filter(state__in=[*_STEPS], due_at__lte=now)


def releases_to_claim(now: datetime) -> QuerySet[Release]:
    """Return the releases that have a step due."""
    return Release.objects.filter(state__in=[*_RELEASE_STEPS], due_at__lte=now)


def claim_order(order_id: UUID) -> NumberOrder | None:
    """Claim an order if a step is due; otherwise return None."""
    now = timezone.now()
    return claim(orders_to_claim(now), order_id, related=["group", "tenant"], **_lease(now))


def claim_release(release_id: UUID) -> Release | None:
    """Claim a release if a step is due; otherwise return None."""
    now = timezone.now()
    return claim(releases_to_claim(now), release_id, related=["tenant", "order"], **_lease(now))


def _lease(now: datetime) -> dict[str, Any]:
    again = now + timedelta(seconds=settings.ORDER_LEASE_SECONDS)
    return {"lease_until": again, "due_at": again, "fence": F("fence") + 1}
