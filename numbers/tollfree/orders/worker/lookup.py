"""Order lookup: finds an order's number in Genesys Cloud's list, and the last decision of a person."""

from typing import Any

from genesys_cloud.client import list_tollfree
from genesys_cloud.responses import TollfreeNumber
from tollfree.orders.models import EvidenceKind, NumberOrder

_SHOWN = ("dateCreated", "dateModified", "createdBy", "id")


def look_for(order: NumberOrder) -> TollfreeNumber | None:
    """Return the number as the list shows it, or None. Raises OutboundError and UNASKABLE."""
    listed = list_tollfree(order.group.access, subject_id=order.pk)
    return next((each for each in listed if each.number == order.number), None)


def facts_of(seen: TollfreeNumber) -> dict[str, Any]:
    """Return the facts that evidence stores about a listed number."""
    more = {name: seen.more[name] for name in _SHOWN if name in seen.more}
    return {"status": seen.status, "comment": seen.comment, "owner": seen.owner} | more


def last_decision(order: NumberOrder) -> bool | None:
    """Return whether the last decision says that the number was bought; None if there is none, or if it was undone."""
    decision = order.evidence.filter(kind=EvidenceKind.DECISION).last()
    return decision.says_bought if decision else None
