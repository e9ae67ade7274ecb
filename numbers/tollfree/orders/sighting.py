"""What is known of an order besides its row: its number in Genesys Cloud's list, and what a person decided last."""

from typing import Any

from tollfree.client.answers import TollfreeNumber
from tollfree.client.looking import list_tollfree
from tollfree.orders.models import EvidenceKind, NumberOrder

_SHOWN = ("dateCreated", "dateModified", "createdBy", "id")


def look_for(order: NumberOrder) -> TollfreeNumber | None:
    """Return the number as the list shows it, or None. Raises OutboundError and UNASKABLE."""
    listed = list_tollfree(order.group.access, subject_id=order.pk)
    return next((each for each in listed if each.number == order.number), None)


def facts_of(seen: TollfreeNumber) -> dict[str, Any]:
    """Return a listed number as evidence keeps it."""
    more = {name: seen.more[name] for name in _SHOWN if name in seen.more}
    return {"status": seen.status, "comment": seen.comment, "owner": seen.owner} | more


def last_decision(order: NumberOrder) -> bool | None:
    """Return whether a person decided last that the number was bought; None if nobody did, or took it back."""
    decision = order.evidence.filter(kind=EvidenceKind.DECISION).last()
    return decision.says_bought if decision else None
