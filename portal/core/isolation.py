"""Failure isolation: in a loop over recipients, rows, tenants or checks, one failure does not stop the others."""

import logging
from collections.abc import Callable
from contextlib import nullcontext
from typing import TypeVar

from django.db import connection, transaction

from portal.core.transactions import is_open

log = logging.getLogger(__name__)

_Result = TypeVar("_Result")
_Otherwise = TypeVar("_Otherwise")


def alone(what: str, do: Callable[[], _Result], otherwise: _Otherwise) -> _Result | _Otherwise:
    """Return the result of `do`, or log the exception and return `otherwise`. `what` names the work in the log.

    In an open transaction `do` gets its own savepoint, because PostgreSQL refuses statements after one that failed.
    """
    try:
        with transaction.atomic() if is_open(connection) else nullcontext():
            return do()
    except Exception:
        log.exception("%s failed; the others go on", what)
        return otherwise
