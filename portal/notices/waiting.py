"""What waits for one person."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Value

from portal.accounts.models import User
from portal.notices.kinds import Kind, Notice, all_kinds

#: More than these are not counted.
MOST_COUNTED = 99
#: So many of a kind are shown; the others follow when these are done.
MOST_SHOWN = 50
_KEPT = "_waiting_counts"


@dataclass(frozen=True)
class Pile:
    """The things of one kind, the oldest first."""

    kind: Kind
    notices: list[Notice]
    more: bool


def counts(user: User) -> Counter[str]:
    """Return how many things wait, by kind: one query for all kinds. Nobody counts much beyond MOST_COUNTED."""
    ones = [
        kind.rows(user).order_by().annotate(notice_kind=Value(kind.key)).values_list("notice_kind", flat=True)
        for kind in all_kinds()
    ]
    return Counter(ones[0].union(*ones[1:], all=True)[: 2 * MOST_COUNTED]) if ones else Counter()


def badge(user: User) -> int:
    """Return what the sidebar shows of all kinds together."""
    return min(_once(user).total(), MOST_COUNTED)


def badge_of(kind_key: str) -> Callable[[User], int]:
    """Return what the sidebar shows of one kind, for the entry of its own page."""
    return lambda user: min(_once(user)[kind_key], MOST_COUNTED)


def _once(user: User) -> Counter[str]:
    """Count once for each request, however many entries ask: its user is an object of its own."""
    known: Counter[str] | None = getattr(user, _KEPT, None)
    if known is None:
        known = counts(user)
        setattr(user, _KEPT, known)
    return known


def piles(user: User) -> list[Pile]:
    """Return all that waits, by kind; kinds of which nothing waits are left out."""
    found = [_pile(kind, user) for kind in all_kinds()]
    return [pile for pile in found if pile.notices]


def _pile(kind: Kind, user: User) -> Pile:
    rows = list(kind.rows(user)[: MOST_SHOWN + 1])
    return Pile(kind, [kind.notice(row) for row in rows[:MOST_SHOWN]], more=len(rows) > MOST_SHOWN)
