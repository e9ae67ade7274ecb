"""Filters of the history: parsed from the query string and limited to what the reader may see."""

from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from django.http import HttpRequest

from portal.accounts.permission import may, tenants_within_reach
from portal.accounts.requests import user_of
from portal.accounts.rights import Right
from portal.audit.models import SITE_CHAIN
from portal.audit.verbs import Verb
from portal.history.event_kinds import verbs_of
from portal.history.people_search import People, commitments_like, find_people
from portal.tenants.models import Tenant
from portal.tenants.scope import tenant_or_404

#: Longer values are cut before they reach a query; none of ours is longer.
_LONGEST = 200


@dataclass(frozen=True)
class RawQuery:
    """The raw filters, cut to length, for display in the form."""

    tenant: str = ""
    person: str = ""
    kind: str = ""
    target: str = ""
    since: str = ""
    until: str = ""
    request: str = ""
    q: str = ""

    @property
    def is_anything(self) -> bool:
        """Return whether any filter is set."""
        return any(getattr(self, each.name) for each in fields(self))


@dataclass(frozen=True)
class EventFilter:
    """The parsed filters. `chains` is None if the reader may see all of them; every other None or "" means no filter.

    `people` matches actors and targets; `named` are commitments of addresses that contain `text`.
    """

    chains: tuple[str, ...] | None
    verbs: tuple[str, ...] | None = None
    people: People | None = None
    target: tuple[str, str] | None = None
    since: datetime | None = None
    until: datetime | None = None
    request_id: str = ""
    text: str = ""
    named: tuple[str, ...] = ()


def asked(request: HttpRequest) -> RawQuery:
    """Return the raw filters of the query string."""
    typed = {each.name: request.GET.get(each.name, "").replace("\x00", "").strip() for each in fields(RawQuery)}
    return RawQuery(**{name: text[:_LONGEST] for name, text in typed.items()})


def tenant_of(request: HttpRequest, asked: RawQuery) -> Tenant | None:
    """Return the tenant of the query string; raises Http404 for an invalid one or one that the person cannot see."""
    return tenant_or_404(request, _uuid(asked.tenant)) if request.GET.get("tenant") else None


def wanted(request: HttpRequest, asked: RawQuery, tenant: Tenant | None) -> EventFilter:
    """Return the parsed filters, limited to the chains that the person may read."""
    return EventFilter(
        chains=_chains(request, tenant),
        verbs=_verbs(asked.kind),
        people=find_people(asked.person),
        target=_target(asked.target) if asked.target else None,
        since=_moment(asked.since, end=False),
        until=_moment(asked.until, end=True),
        request_id=asked.request,
        text=asked.q,
        named=commitments_like(asked.q),
    )


def _chains(request: HttpRequest, tenant: Tenant | None) -> tuple[str, ...] | None:
    """Return the chains that the person may read; None means all."""
    user = user_of(request)
    if tenant is None and may(user, Right.VIEW_SITE_HISTORY):
        return None
    readable = Tenant.objects.filter(tenants_within_reach(user, Right.VIEW_HISTORY))
    if tenant is not None:
        readable = readable.filter(pk=tenant.pk)
    return tuple(str(pk) for pk in readable.values_list("pk", flat=True))


def may_read(request: HttpRequest, chain: str) -> bool:
    """Return whether the person may read this chain."""
    if chain == SITE_CHAIN:
        return may(user_of(request), Right.VIEW_SITE_HISTORY)
    return may(user_of(request), Right.VIEW_HISTORY, _uuid(chain))


def _verbs(kind: str) -> tuple[str, ...] | None:
    """Return the verbs of a kind, or the one verb of this name; None means all, and () none."""
    if not kind:
        return None
    return verbs_of(kind) or ((kind,) if kind in Verb.values else ())


def _target(text: str) -> tuple[str, str]:
    kind, _, pk = text.partition(":")
    return kind, pk


def _moment(text: str, *, end: bool) -> datetime | None:
    """Return a time (UTC), or the start or end of a day; None for other text."""
    try:
        if "T" in text:
            return datetime.fromisoformat(text).replace(tzinfo=UTC)
        return datetime.combine(date.fromisoformat(text), time(), UTC) + timedelta(days=int(end))
    except (ValueError, OverflowError):
        return None


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)  # no tenant has it, so the result is the same as for an unknown id
