"""Failure isolation: of several recipients, rows, tenants or checks, one that fails stops none of the others."""

import logging
from collections.abc import Callable
from typing import TypeVar

log = logging.getLogger(__name__)

_Result = TypeVar("_Result")
_Otherwise = TypeVar("_Otherwise")


def alone(what: str, do: Callable[[], _Result], otherwise: _Otherwise) -> _Result | _Otherwise:
    """Return what `do` returns; if it fails, log that once, and return `otherwise`. `what` names it in the log.

    Where a transaction is open, `do` needs a savepoint of its own: PostgreSQL takes no statement after one that failed.
    """
    try:
        return do()
    except Exception:
        log.exception("%s failed; the others go on", what)
        return otherwise
