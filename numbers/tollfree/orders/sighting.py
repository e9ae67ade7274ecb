"""Looking for a number in Genesys Cloud's list, and judging whether what is there came from our order."""

from datetime import UTC, datetime, timedelta
from typing import Any

from portal.vault.actions import CredentialMissing
from portal.vault.keyset import KeysetUnusable
from portal.vault.sealing import DoesNotOpen
from tollfree.client.answers import TollfreeNumber
from tollfree.client.looking import list_tollfree
from tollfree.orders.models import NumberOrder

#: What can keep us from asking besides errors on the way: a secret that is gone, or does not open.
UNASKABLE = (CredentialMissing, DoesNotOpen, KeysetUnusable)
#: Clocks differ: a number created this much before our order may still be of it.
_SKEW = timedelta(minutes=2)
_SHOWN = ("dateCreated", "dateModified", "createdBy", "id")


def look_for(order: NumberOrder) -> TollfreeNumber | None:
    """Return the number as the list shows it, or None. Raises OutboundError and UNASKABLE."""
    listed = list_tollfree(order.group.access, subject_id=order.pk)
    return next((each for each in listed if each.number == order.number), None)


def is_of(order: NumberOrder, seen: TollfreeNumber) -> bool:
    """Say whether a number in the client's list came from this order, and was not there before.

    It was not listed when we looked right before the send. A list can lag, so its date has the last word: one from
    before our order means that somebody had bought it. Without a readable date the look before has to do.
    """
    created = created_at(seen)
    if created is None or order.sent_at is None:
        return order.absent_at is not None
    return created >= order.sent_at - _SKEW


def created_at(seen: TollfreeNumber) -> datetime | None:
    """Return when the provider says that the number was bought; None if it does not say so readably."""
    try:
        moment = datetime.fromisoformat(str(seen.more.get("dateCreated", "")))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def facts_of(seen: TollfreeNumber) -> dict[str, Any]:
    """Return a listed number as evidence keeps it."""
    more = {name: seen.more[name] for name in _SHOWN if name in seen.more}
    return {"status": seen.status, "comment": seen.comment, "owner": seen.owner} | more
