"""Kinds of pending items; apps register theirs in `AppConfig.ready`.

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
    """One pending item: `url` is the page where the person can handle it."""

    title: str
    tenant: str
    url: str
    since: datetime
    sentence: str = ""


@dataclass(frozen=True)
class Kind:
    """A kind of pending items. `rows` returns those that wait for a person (UUID as key), oldest first.

    The query of `rows` is the only place that knows for whom an item waits: page, count and e-mails all use it. It
    joins everything that `notice` needs, which is called once per row and makes no queries. It may use only the
    person's id, `is_active` and roles on the site: the query for counts is compiled once for each combination of these.
    """

    key: str
    label: str
    rows: Callable[[User], QuerySet[Any]]
    notice: Callable[[Any], Notice]


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """Add a kind; a second one with the same key replaces the first."""
    _kinds[kind.key] = kind


def all_kinds() -> list[Kind]:
    """Return the registered kinds, in the order of registration."""
    return list(_kinds.values())


def kind_of(key: str) -> Kind | None:
    """Return the kind with this key, or None."""
    return _kinds.get(key)
