"""Order status words of Genesys Cloud. The vendor publishes none, so all of them are [inferred].

Only the words in this table end an order. Any other word is shown as it is and counts as pending: waiting too long
costs nothing, but an order that is wrongly taken for failed would be bought twice.
"""

from enum import Enum


class OrderEnd(Enum):
    """Whether an order has ended at the provider, and how."""

    PENDING = "pending"
    COMPLETED = "completed"
    FAILED = "failed"


_TERMINAL = {
    "COMPLETE": OrderEnd.COMPLETED,
    "COMPLETED": OrderEnd.COMPLETED,
    "CANCELED": OrderEnd.FAILED,
    "CANCELLED": OrderEnd.FAILED,
    "FAILED": OrderEnd.FAILED,
    "REJECTED": OrderEnd.FAILED,
}


def end_of(word: str) -> OrderEnd:
    """Return the meaning of a status word; an unknown or empty word means pending."""
    return _TERMINAL.get(word.strip().upper(), OrderEnd.PENDING)
