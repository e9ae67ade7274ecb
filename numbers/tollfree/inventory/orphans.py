"""Numbers that only one of the two sides knows, until somebody explains them."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import F, Q
from django.utils import timezone

from portal.tenants.models import Tenant
from tollfree.inventory.models import OwnedNumber
from tollfree.orders.models import NumberOrder
from tollfree.orders.states import IN_FLIGHT, OrderState

#: So many are shown at once; the others follow when these are explained.
MOST_SHOWN = 20


@dataclass(frozen=True)
class Orphan:
    """A number and what is odd about it; `tone` is the frame's."""

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
#: A list may lag behind an order that was completed; later than this it is odd.
_LAG = timedelta(hours=1)


def orphans() -> Q:
    """Return the filter on numbers that are orphans now."""
    return _UNKNOWN | _GONE | _STILL | (_NEVER & Q(first_seen_at__lt=timezone.now() - _LAG))


def orphans_of(tenant: Tenant) -> list[Orphan]:
    """Return the tenant's orphans, MOST_SHOWN and one more at most: that one says that there are others."""
    rows = OwnedNumber.objects.filter(orphans(), tenant=tenant).order_by("number")[: MOST_SHOWN + 1]
    return [orphan_in(row) for row in rows]


def orphan_of(owned: OwnedNumber) -> Orphan | None:
    """Return the number as an orphan, or None if both sides know it."""
    return orphan_in(owned) if OwnedNumber.objects.filter(orphans(), pk=owned.pk).exists() else None


def orphan_in(row: OwnedNumber) -> Orphan:
    """Say what is odd about a number that is an orphan."""
    if row.gone_since is not None:
        return Orphan(row, "Genesys Cloud does not list it any more, and nobody released it here.", "bad")
    if row.released_at is not None:
        return Orphan(row, "It was released here, yet Genesys Cloud still lists it.", "bad")
    if row.last_seen_at is None:
        return Orphan(row, "It was ordered here, and Genesys Cloud has not listed it yet.", "waiting")
    return Orphan(row, _told_of_orders(row), "warning")


def _told_of_orders(row: OwnedNumber) -> str:
    """Say whether it was ordered here; an order that explains it would stand in the row."""
    sent = NumberOrder.objects.filter(tenant_id=row.tenant_id, number=row.number, sends=1)
    states = set(sent.values_list("state", flat=True))
    if states & IN_FLIGHT:
        return "Genesys Cloud has it, and an order of it waits for its outcome: nothing proves yet that it bought it."
    if OrderState.NOT_PLACED in states:
        return "Genesys Cloud has it, and its order here was closed as not placed."
    return "Genesys Cloud has it, and it was not ordered here."
