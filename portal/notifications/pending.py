"""Pending items and counts of one person."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

from django.db import connection
from django.db.models import Value
from django.utils.http import urlencode

from portal.accounts.models import User
from portal.accounts.rights import SiteRole
from portal.core.isolation import alone
from portal.notifications.kinds import Kind, Notice, all_kinds

#: Highest number that is shown.
MOST_COUNTED = 99
#: Items of each kind on the page of all kinds; the page of one kind shows all.
MOST_SHOWN = 10
#: Items per page of one kind.
PAGE = 50
#: The last offset; items beyond it become visible once others are handled.
_FARTHEST = 10_000
_KEPT = "_waiting_counts"


@dataclass(frozen=True)
class Pile:
    """A page of items of one kind, oldest first; `before` is the offset.

    `failed` means that some items, or all, could not be shown.
    """

    kind: Kind
    notices: list[Notice]
    more: bool
    before: int = 0
    failed: bool = False

    @property
    def next_url(self) -> str:
        """Return the URL of the next page, or ""."""
        return f"{self.all_url}&after={self.before + PAGE}" if self.more else ""

    @property
    def earlier_url(self) -> str:
        """Return the URL of the previous page, or ""."""
        return f"{self.all_url}&after={max(0, self.before - PAGE)}" if self.before else ""

    @property
    def all_url(self) -> str:
        """Return the URL of the page of this kind."""
        return f"?{urlencode({'kind': self.kind.key})}"


def counts(user: User) -> Counter[str]:
    """Return the number of items by kind, in one query for all kinds, which stops soon after MOST_COUNTED.

    If that query fails, each kind is counted separately, so that a failing kind does not affect the others.
    """
    if not (kinds := tuple(all_kinds())):
        return Counter()
    found = alone("counting what waits", partial(_counted, user, kinds), None)
    if found is None:
        each = (alone(f"counting {kind.key}", partial(_counted, user, (kind,)), Counter[str]()) for kind in kinds)
        found = sum(each, Counter())
    return found


def _counted(user: User, kinds: tuple[Kind, ...]) -> Counter[str]:
    counting = _counting(kinds, is_active=user.is_active, site_roles=user.site_roles)
    with connection.cursor() as cursor:
        cursor.execute(counting.sql, counting.of(user))
        return Counter(kind for (kind,) in cursor.fetchall())


@dataclass(frozen=True)
class _Counting:
    """The compiled query for one combination of flags; `somebody` is the placeholder for the person's id."""

    sql: str
    params: tuple[Any, ...]
    somebody: Any

    def of(self, user: User) -> list[Any]:
        """Return the parameters for this person."""
        return [_as_param(user) if each == self.somebody else each for each in self.params]


@lru_cache(maxsize=16)
def _counting(kinds: tuple[Kind, ...], *, is_active: bool, site_roles: tuple[SiteRole, ...]) -> _Counting:
    """Compile the query, cached per combination: every page counts, and compiling takes longer than counting."""
    somebody = User(
        is_active=is_active,
        is_site_administrator=SiteRole.ADMINISTRATOR in site_roles,
        is_site_auditor=SiteRole.AUDITOR in site_roles,
    )
    ones = [
        kind.rows(somebody).order_by().annotate(notice_kind=Value(kind.key)).values_list("notice_kind", flat=True)
        for kind in kinds
    ]
    sql, params = ones[0].union(*ones[1:], all=True)[: 2 * MOST_COUNTED].query.sql_with_params()
    return _Counting(sql, tuple(params), _as_param(somebody))


def _as_param(user: User) -> Any:
    return User._meta.pk.get_db_prep_value(user.pk, connection)  # noqa: SLF001 - a documented API of Django


def badge(user: User) -> int:
    """Return the badge for all kinds together."""
    return min(_once(user).total(), MOST_COUNTED)


def badge_of(*kind_keys: str) -> Callable[[User], int]:
    """Return a function for the badge of these kinds, for the sidebar entry of their own page."""
    return lambda user: min(sum(_once(user)[key] for key in kind_keys), MOST_COUNTED)


def _once(user: User) -> Counter[str]:
    """Count once per request, however many badges there are: the cache is on the request's user object."""
    known: Counter[str] | None = getattr(user, _KEPT, None)
    if known is None:
        known = counts(user)
        setattr(user, _KEPT, known)
    return known


def piles(user: User) -> list[Pile]:
    """Return all kinds with items; a kind that fails is included as failed."""
    found = [alone(f"kind {kind.key}", partial(_pile, kind, user), _failed(kind)) for kind in all_kinds()]
    return [pile for pile in found if pile.notices or pile.failed]


def page_of(kind: Kind, user: User, after: str) -> Pile:
    """Return one page of items of a kind; `after` is the offset from the query string, 0 if it is invalid."""
    before = int(after) if after.isascii() and after.isdigit() and len(after) <= len(str(_FARTHEST)) else 0
    return alone(f"kind {kind.key}", partial(_pile, kind, user, min(before, _FARTHEST), PAGE), _failed(kind))


def _pile(kind: Kind, user: User, before: int = 0, most: int = MOST_SHOWN) -> Pile:
    rows = list(kind.rows(user)[before : before + most + 1])
    told = [alone(f"notice of {kind.key} {row.pk}", partial(kind.notice, row), None) for row in rows[:most]]
    notices = [notice for notice in told if notice is not None]
    return Pile(kind, notices, more=len(rows) > most, before=before, failed=len(notices) < len(told))


def _failed(kind: Kind) -> Pile:
    return Pile(kind, [], more=False, failed=True)
