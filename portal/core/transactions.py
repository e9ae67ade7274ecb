"""Whether a transaction is open, and the refusal to send anything while one is.

As for Django's durable `atomic`, the transaction that a test case puts around a test does not count.
"""

from typing import Any

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper


class TransactionOpen(RuntimeError):
    """Something was to be sent while a transaction is open: a mistake in the code, and nothing was sent."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"{what} is not sent while a transaction is open: its locks would wait for another system, "
            "and what was sent cannot be rolled back. Send it after the commit."
        )


def is_open(connection: BaseDatabaseWrapper) -> bool:
    """Say whether a transaction is open on the connection."""
    blocks: list[Any] = connection.atomic_blocks
    return any(not block._from_testcase for block in blocks)  # noqa: SLF001 - as Django's `durable` does


def require_none(what: str) -> None:
    """Raise TransactionOpen if this thread has a transaction open; `what` begins the sentence."""
    if any(is_open(connection) for connection in connections.all(initialized_only=True)):
        raise TransactionOpen(what)
