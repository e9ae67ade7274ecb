"""Looking for a number in Genesys Cloud's list."""

from typing import Any

from tollfree.client.answers import TollfreeNumber
from tollfree.client.looking import list_tollfree
from tollfree.orders.models import NumberOrder

_SHOWN = ("dateCreated", "dateModified", "createdBy", "id")


def look_for(order: NumberOrder) -> TollfreeNumber | None:
    """Return the number as the list shows it, or None. Raises OutboundError and UNASKABLE."""
    listed = list_tollfree(order.group.access, subject_id=order.pk)
    return next((each for each in listed if each.number == order.number), None)


def facts_of(seen: TollfreeNumber) -> dict[str, Any]:
    """Return a listed number as evidence keeps it."""
    more = {name: seen.more[name] for name in _SHOWN if name in seen.more}
    return {"status": seen.status, "comment": seen.comment, "owner": seen.owner} | more
