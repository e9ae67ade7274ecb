"""Claims of queued work: a worker owns a row until its lease expires, and each claim counts as a try.

Each kind of work has the columns `lease_until`, `tries` and `published_at`, with a common prefix if a row has work of
several kinds. Code that records the result must check its own lease with `held`, so that a worker that was paused
beyond its lease changes nothing.
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
    """Claim the row and return it as it is after the claim; None if it is not claimable any more.

    `facts` are further columns to write with the claim, `related` the relations to load with the row.
    """
    lease = {f"{prefix}lease_until": lease_until}
    counted = {f"{prefix}tries": F(f"{prefix}tries") + 1, f"{prefix}published_at": None}
    if not claimable.filter(pk=pk).update(**lease, **counted, **facts):
        return None
    # Filter by our lease: a worker that is paused here beyond it must not pick up the next worker's claim.
    mine: QuerySet[_Row] = QuerySet(claimable.model).filter(pk=pk, **lease)
    return mine.select_related(*related).first() if related else mine.first()


def held(row: _Row, prefix: str = "") -> QuerySet[_Row]:
    """Return a queryset with the row, empty once the row's lease has changed."""
    column = f"{prefix}lease_until"
    return QuerySet(type(row)).filter(pk=row.pk, **{column: getattr(row, column)})


def is_free(now: datetime, prefix: str = "") -> Q:
    """Return the filter on rows without a lease or with an expired one."""
    return Q(**{f"{prefix}lease_until": None}) | Q(**{f"{prefix}lease_until__lt": now})
