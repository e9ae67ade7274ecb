"""Claims of queued work: one worker has a row for as long as its lease lasts, and each claim counts as a try.

A kind of work keeps three columns for it: `lease_until`, `tries` and `published_at`, all with the same prefix where one
row has work of several kinds. Whoever writes down the end asks for its own lease (`held`), so that a worker that was
paused beyond it changes nothing.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import F, Model, Q, QuerySet

_Row = TypeVar("_Row", bound=Model)


def claim(
    claimable: QuerySet[_Row],
    pk: UUID,
    *,
    lease_until: datetime,
    prefix: str = "",
    related: Sequence[str] = (),
    **facts: Any,
) -> _Row | None:
    """Claim the row, if `claimable` still has it, and return it as it is then; None if somebody else was faster.

    `facts` are further columns to write with the claim, `related` the rows to read with it.
    """
    lease = {f"{prefix}lease_until": lease_until}
    counted = {f"{prefix}tries": F(f"{prefix}tries") + 1, f"{prefix}published_at": None}
    if not claimable.filter(pk=pk).update(**lease, **counted, **facts):
        return None
    # With the lease: who is paused here beyond it must not take that of the next for their own.
    mine: QuerySet[_Row] = QuerySet(claimable.model).filter(pk=pk, **lease)
    return mine.select_related(*related).first() if related else mine.first()


def held(row: _Row, prefix: str = "") -> QuerySet[_Row]:
    """Return the row while the lease under which it was read is its own."""
    column = f"{prefix}lease_until"
    return QuerySet(type(row)).filter(pk=row.pk, **{column: getattr(row, column)})


def is_free(now: datetime, prefix: str = "") -> Q:
    """Return the filter on rows that no worker has, or whose worker fell silent."""
    return Q(**{f"{prefix}lease_until": None}) | Q(**{f"{prefix}lease_until__lt": now})
