"""The one sweeper: it makes up for lost messages and dead workers, for every kind of queued work.

Each app registers its kinds from `AppConfig.ready`. A row that waits and of which no message is on its way is published
again; one whose tries are used up is given up, which its kind does in words. So nothing is lost, and nothing is tried
without end. Each kind and each row stands alone: what fails is logged, and the others go on.
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

from portal.core.isolation import alone
from portal.crash_points import reach
from portal.turns import turn

log = logging.getLogger(__name__)

#: The most rows of a kind that one sweep takes; the next one takes the rest.
MOST_AT_ONCE = 500
#: So many claims without an end are enough: whatever ended one worker must not end one after the other.
MOST_TRIES = 5

#: What a row says that was given up.
GIVEN_UP = (
    "Its worker ended before the work did, {tries} times. The portal's log says why. It is not tried again by itself."
)

#: Sends a wake-up for a row to a task, after the commit.
Publish = Callable[[str, UUID], None]


@dataclass(frozen=True)
class Kind:
    """A kind of queued work.

    `claimable` returns the rows that a worker may claim now; `give_up` ends one of them in words when its tries are
    used up. A message counts as lost after `patience`. `asked` names the column with the time of the first message,
    `due` the one with the end of a wait: only the message that came at that end may have been sent since. What is tried
    for longer than `longest` since the column `begun` is given up too.
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
        """Return the name of the column with the time of the last message; a claim empties it."""
        return f"{self.prefix}published_at"


_kinds: dict[str, Kind] = {}
_chores: dict[str, Callable[[], object]] = {}


def register(kind: Kind) -> None:
    """Sweep this kind of work from now on."""
    _kinds[kind.name] = kind


def register_chore(name: str, chore: Callable[[], object]) -> None:
    """Do this before each sweep: what has no message of its own, such as work that a clock asks for."""
    _chores[name] = chore


def kinds() -> list[Kind]:
    """Return all kinds of queued work."""
    return [*_kinds.values()]


def sweep(publish: Publish) -> int:
    """Do the chores, then sweep every kind; return how many rows were published."""
    for name, chore in _chores.items():
        alone(f"sweeping {name}", chore, None)
    return sum(alone(f"sweeping {kind.name}", partial(sweep_kind, kind, publish), 0) for kind in kinds())


def sweep_kind(kind: Kind, publish: Publish) -> int:
    """Publish what lies, and give up what was tried often enough; return how many rows were published."""
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
    """Do it to each row, whatever becomes of the others."""
    for row in rows:
        alone(f"sweeping {name} {getattr(row, 'pk', row)}", partial(do, row), None)


def _is_unpublished(kind: Kind, now: datetime) -> Q:
    """Return the filter on rows of which no message is on its way."""
    lately, column = now - kind.patience(), kind.published_at
    never = Q(**{column: None})
    if kind.asked:
        never &= Q(**{f"{kind.asked}__lt": lately}) | Q(**{kind.asked: None})
    lost = never | Q(**{f"{column}__lt": lately})
    return lost | Q(**{f"{column}__lte": F(kind.due)}) if kind.due else lost


def _mark(kind: Kind, lying: QuerySet[Any], now: datetime, publish: Publish | None = None) -> list[UUID]:
    """Note that these rows are published now (and publish them); return their ids.

    Those that are given up are marked too: one that cannot be must not stand before the others the next time.
    """
    found = list(lying.values_list("pk", flat=True)[:MOST_AT_ONCE])
    if not found:
        return []
    with turn(), transaction.atomic():
        rows: QuerySet[Any] = QuerySet(lying.model).filter(pk__in=found)
        # Sorted, and without those that somebody else has in hand at this moment: nobody waits for anybody here.
        locked = rows.order_by("pk").select_for_update(skip_locked=True)
        free = set(locked.values_list("pk", flat=True))
        found = [pk for pk in found if pk in free]
        rows.filter(pk__in=found).update(**{kind.published_at: now})
        if publish is not None:
            for pk in found:
                publish(kind.task, pk)
            reach("sweep.uncommitted")
    return found
