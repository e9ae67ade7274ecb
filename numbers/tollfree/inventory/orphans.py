"""Orphans: numbers that only Genesys Cloud or only the portal knows, until somebody explains them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import F, Q
from django.utils import timezone

from portal.tenants.models import Tenant
from tollfree.inventory.models import OwnedNumber
from tollfree.orders.models import NumberOrder
from tollfree.orders.states import IN_FLIGHT, OrderState

#: Number of orphans shown at once; the others follow when these are explained.
MOST_SHOWN = 20


@dataclass(frozen=True)
class Orphan:
    """An orphan and the reason why it is one; `tone` is the severity."""

    owned: OwnedNumber
    sentence: str
    tone: str


_UNEXPLAINED = Q(explained_at=None)
_THERE = Q(gone_since=None)
_UNKNOWN = _THERE & Q(order=None, released_at=None, last_seen_at__isnull=False) & _UNEXPLAINED
_GONE = Q(gone_since__isnull=False, released_at=None) & (_UNEXPLAINED | Q(explained_at__lt=F("gone_since")))
_STILL = _THERE & Q(released_at__isnull=False, last_seen_at__gt=F("released_at"))
_STILL &= _UNEXPLAINED | Q(explained_at__lt=F("released_at"))
_NEVER = _THERE & Q(last_seen_at=None, released_at=None) & _UNEXPLAINED
#: How long the list may lag behind a completed order before the number counts as an orphan.
_LAG = timedelta(hours=1)


def orphans() -> Q:
    """Return the filter for numbers that are orphans now."""
    return _UNKNOWN | _GONE | _STILL | (_NEVER & Q(first_seen_at__lt=timezone.now() - _LAG))


def orphans_of(tenant: Tenant) -> list[Orphan]:
    """Return the tenant's orphans: at most MOST_SHOWN, plus one that shows that there are more."""
    rows = list(OwnedNumber.objects.filter(orphans(), tenant=tenant).order_by("number")[: MOST_SHOWN + 1])
    return _told(rows)


def orphan_of(owned: OwnedNumber) -> Orphan | None:
    """Return the number as an orphan, or None if it is none."""
    return _told([owned])[0] if OwnedNumber.objects.filter(orphans(), pk=owned.pk).exists() else None


def _told(rows: Sequence[OwnedNumber]) -> list[Orphan]:
    """Return orphans with their reasons, with one query for all of them."""
    numbers = [row.number for row in rows]
    sent = NumberOrder.objects.filter(tenant_id__in={row.tenant_id for row in rows}, number__in=numbers, sends=1)
    states: dict[str, set[str]] = {number: set() for number in numbers}
    for number, state in sent.values_list("number", "state"):
        states[number].add(state)
    return [_orphan(row, states[row.number]) for row in rows]


def _orphan(row: OwnedNumber, states: set[str]) -> Orphan:
    if row.gone_since is not None:
        return Orphan(row, "Genesys Cloud does not list it any more, and nobody released it here.", "bad")
    if row.released_at is not None:
        return Orphan(row, "It was released here, yet Genesys Cloud still lists it.", "bad")
    if row.last_seen_at is None:
        return Orphan(row, "It was ordered here, and Genesys Cloud has not listed it yet.", "waiting")
    return Orphan(row, _told_of_orders(states), "warning")


def _told_of_orders(states: set[str]) -> str:
    """Return a message about orders of the number here; none explains it, or its row would name that order."""
    if states & IN_FLIGHT:
        return "Genesys Cloud has it, and an order of it waits for its outcome: nothing proves yet that it bought it."
    if OrderState.NOT_PLACED in states:
        return "Genesys Cloud has it, and its order here was closed as not placed."
    return "Genesys Cloud has it, and it was not ordered here."
