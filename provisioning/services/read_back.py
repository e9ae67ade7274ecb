"""Read-back of services: compares what Nexus returns with what was sent, and decides what that proves.

Nexus never returns secrets. So a read-back proves all values only if the definition has no secret, or if its readable
part is new. An unchanged readable part says nothing about a changed password.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from portal.http_client.errors import NotFound, OutboundError, Rejected
from portal.http_client.messages import Answer
from provisioning import nexus
from provisioning.runs.snapshots import Snapshot

UNPROVEN = "That does not show whether its secrets are the ones that were sent."


class Sight(Enum):
    """Result of a comparison."""

    SAME = auto()
    OTHER = auto()
    UNKNOWN = auto()


@dataclass(frozen=True)
class Look:
    """Result of a read-back: severity and message for people, and the readable part of the definition."""

    sight: Sight
    tone: str
    sentence: str
    there: Mapping[str, Any]


def look(outcome: Answer | OutboundError, asked: Snapshot) -> Look:
    """Compare the answer to a GET with the snapshot of what was sent."""
    if isinstance(outcome, NotFound | Rejected):
        status = f" ({outcome.answer.status})" if outcome.answer else ""
        said = f"Nexus does not answer questions about this service{status}, so the portal cannot check it."
        return Look(Sight.UNKNOWN, "neutral", said, {})
    if isinstance(outcome, OutboundError):
        return unreadable(outcome)
    try:
        there = nexus.definition_in(outcome)
    except OutboundError as error:
        return unreadable(error)
    return _compared(there, asked)


def unreadable(error: Exception) -> Look:
    """Return the result for a failed read-back. A GET changes nothing, so no effect is in doubt."""
    why = error.cause if isinstance(error, OutboundError) else str(error)
    return Look(Sight.UNKNOWN, "warning", f"It could not be read. {why}", {})


def _compared(there: Mapping[str, Any], asked: Snapshot) -> Look:
    ours = readable(asked)
    if not ours:
        said = "It is there. What it holds was not sent by this portal, so there is nothing to compare."
        return Look(Sight.UNKNOWN, "warning", said, there)
    if missing := [name for name in ours if name not in there]:
        said = f"The answer does not show its {' and '.join(missing)}, so there is nothing to compare."
        return Look(Sight.UNKNOWN, "warning", said, there)
    if other := [name for name, value in ours.items() if there[name] != value]:
        said = f"It is there, but its {' and '.join(other)} is not what was sent; the answer stands with the request."
        return Look(Sight.OTHER, "bad", said, there)
    if asked["secrets"]:
        said = "It is there, and what can be read is what was sent. Secrets cannot be read back."
        return Look(Sight.SAME, "good", said, there)
    return Look(Sight.SAME, "good", "It is there, with the values that were sent.", there)


def proves(asked: Snapshot, before: Snapshot, *, is_new: bool) -> bool:
    """Return whether seeing the readable part of `asked` proves that Nexus took all of it.

    `before` is what Nexus was known to hold, empty if unknown. `is_new` means that the service did not exist before, as
    far as anyone knows.
    """
    if not asked.get("secrets") or is_new or before == asked:
        return True
    return bool(before) and readable(before) != readable(asked)


def readable(taken: Snapshot) -> dict[str, Any]:
    """Return the part of a snapshot's body that can be read back."""
    return {name: value for name, value in taken.get("body", {}).items() if name != "secret"}
