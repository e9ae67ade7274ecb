"""The words of an order's status. The vendor publishes none, so all of these are [inferred].

Only the words in this table end anything. Every other word, also one that nobody has heard of, is shown as it came and
counts as pending: to wait in vain costs nothing, to take an order for failed that did not fail buys twice.
"""

from enum import Enum


class OrderEnd(Enum):
    """Whether an order is over at the provider, and how."""

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
    """Return what a status word means; an unknown one, and none at all, mean that the order is pending."""
    return _TERMINAL.get(word.strip().upper(), OrderEnd.PENDING)
