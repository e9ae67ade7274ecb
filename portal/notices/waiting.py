"""What waits for one person."""

from dataclasses import dataclass

from portal.accounts.models import User
from portal.notices.kinds import Kind, Notice, all_kinds

#: More than these are not counted.
MOST_COUNTED = 99
#: So many of a kind are shown; the others follow when these are done.
MOST_SHOWN = 50


@dataclass(frozen=True)
class Pile:
    """The things of one kind, the oldest first."""

    kind: Kind
    notices: list[Notice]
    more: bool


def count(user: User) -> int:
    """Return how many things wait, up to MOST_COUNTED: one query for all kinds, since every page asks."""
    keys = [kind.rows(user).order_by().values_list("pk") for kind in all_kinds()]
    return keys[0].union(*keys[1:], all=True)[:MOST_COUNTED].count() if keys else 0


def piles(user: User) -> list[Pile]:
    """Return all that waits, by kind; kinds of which nothing waits are left out."""
    found = [_pile(kind, user) for kind in all_kinds()]
    return [pile for pile in found if pile.notices]


def _pile(kind: Kind, user: User) -> Pile:
    rows = list(kind.rows(user)[: MOST_SHOWN + 1])
    return Pile(kind, [kind.notice(row) for row in rows[:MOST_SHOWN]], more=len(rows) > MOST_SHOWN)
