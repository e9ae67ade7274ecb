"""Sweeper: recovers from lost messages and dead workers, for every kind of queued work.

Each app registers its kinds from `AppConfig.ready`. A waiting row without a message in the queue is published again. A
row with too many tries is given up, and its kind records why. So nothing is lost and nothing is retried for ever. A
failure in one kind or row is logged and does not stop the others.
"""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from portal.core.db.sqlite_lock import write_lock
from portal.core.isolation import alone
from portal.core.tasks.failpoints import failpoint

log = logging.getLogger(__name__)

#: The most rows of a kind per sweep; the next sweep takes the rest.
MOST_AT_ONCE = 500
#: Claims without a result before a row is given up, so that it does not kill one worker after another.
MOST_TRIES = 5

#: The message of a row that was given up.
GIVEN_UP = (
    "Its worker ended before the work did, {tries} times. The portal's log says why. It is not tried again by itself."
)

#: Publishes a message for a row to a task, after the commit.
Publish = Callable[[str, UUID], None]


@dataclass(frozen=True)
class Kind:
    """A kind of queued work.

    - `claimable`: returns the rows that a worker may claim now.
    - `give_up`: ends one row and records why, when its tries are used up.
    - `patience`: the age at which a message counts as lost.
    - `asked`: the column with the time of the first message.
    - `due`: the column with the end of a wait. A message counts only if it was published after that end.
    - `begun`, `longest`: a row is also given up when the time in the column `begun` is longer ago than `longest`.
    """

    name: str
    task: str
    claimable: Callable[[datetime], QuerySet[Any]]
    give_up: Callable[[UUID], object]
    patience: Callable[[], timedelta]
    most_tries: int = MOST_TRIES
    prefix: str = ""
    asked: str = ""
    due: str = ""
    begun: str = ""
    longest: timedelta = timedelta(days=1)

    @property
    def tries(self) -> str:
        """Return the name of the column that counts claims."""
        return f"{self.prefix}tries"

    @property
    def published_at(self) -> str:
        """Return the name of the column with the time of the last message; a claim clears it."""
        return f"{self.prefix}published_at"


_kinds: dict[str, Kind] = {}
_chores: dict[str, Callable[[], object]] = {}


def register(kind: Kind) -> None:
    """Register a kind of work for all sweeps."""
    _kinds[kind.name] = kind


def register_chore(name: str, chore: Callable[[], object]) -> None:
    """Register a function to run before each sweep, for work that no message announces, such as scheduled work."""
    _chores[name] = chore


def kinds() -> list[Kind]:
    """Return all kinds of queued work."""
    return [*_kinds.values()]


def sweep(publish: Publish) -> int:
    """Run the chores, then sweep every kind; return how many rows were published."""
    for name, chore in _chores.items():
        alone(f"sweeping {name}", chore, None)
    return sum(alone(f"sweeping {kind.name}", partial(sweep_kind, kind, publish), 0) for kind in kinds())


def sweep_kind(kind: Kind, publish: Publish) -> int:
    """Publish waiting rows and give up those with too many tries; return how many were published."""
    now = timezone.now()
    spent = Q(**{f"{kind.tries}__gte": kind.most_tries})
    if kind.begun:
        spent |= Q(**{f"{kind.begun}__lt": now - kind.longest})
    lying = kind.claimable(now).filter(_is_unpublished(kind, now)).order_by(F(kind.published_at).asc(nulls_first=True))
    given_up = _mark(kind, lying.filter(spent), now)
    published = _mark(kind, lying.exclude(spent), now, publish)
    each_alone(kind.name, given_up, kind.give_up)
    return len(published)


def each_alone(name: str, rows: Iterable[Any], do: Callable[[Any], object]) -> None:
    """Call `do` for each row; a failure does not stop the others."""
    for row in rows:
        alone(f"sweeping {name} {getattr(row, 'pk', row)}", partial(do, row), None)


def _is_unpublished(kind: Kind, now: datetime) -> Q:
    """Return the filter on rows without a message in the queue."""
    lately, column = now - kind.patience(), kind.published_at
    never = Q(**{column: None})
    if kind.asked:
        never &= Q(**{f"{kind.asked}__lt": lately}) | Q(**{kind.asked: None})
    lost = never | Q(**{f"{column}__lt": lately})
    return lost | Q(**{f"{column}__lte": F(kind.due)}) if kind.due else lost


def _mark(kind: Kind, lying: QuerySet[Any], now: datetime, publish: Publish | None = None) -> list[UUID]:
    """Set the publication time of these rows, publish them if `publish` is given, and return their ids.

    Rows that are given up are marked as well, so that one that cannot be given up does not block the next sweep.
    """
    found = list(lying.values_list("pk", flat=True)[:MOST_AT_ONCE])
    if not found:
        return []
    with write_lock(), transaction.atomic():
        rows: QuerySet[Any] = QuerySet(lying.model).filter(pk__in=found)
        # Sorted, and without rows that are locked at this moment, so that nothing waits here.
        locked = rows.order_by("pk").select_for_update(skip_locked=True, no_key=True)
        free = set(locked.values_list("pk", flat=True))
        found = [pk for pk in found if pk in free]
        rows.filter(pk__in=found).update(**{kind.published_at: now})
        if publish is not None:
            for pk in found:
                publish(kind.task, pk)
            failpoint("sweep.uncommitted")
    return found
