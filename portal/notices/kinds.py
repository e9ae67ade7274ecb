"""The kinds of things that wait for a person; upper rooms register theirs from `AppConfig.ready`.

kinds.register(Kind("approval", "Orders to approve", rows=orders_to_approve, notice=as_notice))
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from portal.accounts.models import User


@dataclass(frozen=True)
class Notice:
    """One thing that waits: `url` is the page where something is done about it."""

    title: str
    tenant: str
    url: str
    since: datetime
    sentence: str = ""


@dataclass(frozen=True)
class Kind:
    """A kind of things. `rows` gives those that wait for a person (UUID as key), the oldest first.

    The query of `rows` is the one place that knows for whom a thing waits: the page, the count and the e-mails ask it.
    It joins whatever `notice` needs, which is called once for each row and asks the database nothing more. It asks of
    the person only the id and the standing (active, roles on the site): the count compiles it once for each standing.
    """

    key: str
    label: str
    rows: Callable[[User], QuerySet[Any]]
    notice: Callable[[Any], Notice]


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """Add a kind; a second one of the same key replaces the first."""
    _kinds[kind.key] = kind


def all_kinds() -> list[Kind]:
    """Return the registered kinds, in the order in which they were registered."""
    return list(_kinds.values())


def kind_of(key: str) -> Kind | None:
    """Return the kind of this key."""
    return _kinds.get(key)
