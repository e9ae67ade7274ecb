"""News since a person's last visit: counts by tenant and kind, unusual events first."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.http import HttpRequest
from django.utils import timezone
from django.utils.http import urlencode

from portal.accounts.models import Membership, User
from portal.accounts.requests import user_of
from portal.accounts.rights import Role, SiteRole
from portal.audit.models import SITE_CHAIN, Event
from portal.history.event_kinds import UNUSUAL, kind_of, verbs_of, words_for
from portal.history.event_rows import Line, lines
from portal.history.filters import EventFilter, RawQuery, wanted
from portal.history.models import LastVisit
from portal.history.search import find
from portal.tenants.models import Tenant

#: A return within this time continues the same visit.
ONE_VISIT = timedelta(minutes=30)
#: Period that the first visit covers.
FIRST_VISIT = timedelta(days=7)
#: At most this many events are counted.
MOST_COUNTED = 10_000
MOST_SHOWN = 20
#: At most this many tenants are listed, those with the most events; the history shows the others.
MOST_TENANTS = 20


@dataclass(frozen=True)
class KindOfNews:
    """The number of events of a kind, and the URL that lists them."""

    words: str
    count: int
    url: str


@dataclass(frozen=True)
class TenantsNews:
    """The news of one tenant."""

    name: str
    kinds: list[KindOfNews]


@dataclass(frozen=True)
class News:
    """The news. `more_tenants` counts tenants that are not listed; `is_cut` means that not all events were counted."""

    since: datetime
    unusual: list[Line]
    unusual_url: str
    tenants: list[TenantsNews]
    more_tenants: int
    all_url: str
    is_cut: bool


def reads_only(user: User) -> bool:
    """Return whether the person is only an auditor, for whom the history is the start page."""
    roles = {*Membership.objects.filter(user=user).values_list("role", flat=True), *user.site_roles}
    return bool(roles) and roles <= {Role.AUDITOR, SiteRole.AUDITOR}


def visit(user: User) -> datetime:
    """Record the visit, and return when the previous one was."""
    now = timezone.now()
    last, is_first = LastVisit.objects.get_or_create(user=user, defaults={"at": now})
    before = last.before if is_first or now - last.at < ONE_VISIT else last.at
    LastVisit.objects.filter(user=user).update(at=now, before=before)
    return before or (now - FIRST_VISIT).replace(hour=0, minute=0, second=0)


def news(request: HttpRequest) -> News:
    """Return the news of all that the person may read, and record the visit."""
    since = visit(user_of(request)).replace(microsecond=0)
    want = replace(wanted(request, RawQuery(), None), since=since)
    told = find(replace(want, verbs=verbs_of(UNUSUAL)), MOST_SHOWN)
    counts = Counter(_chains_and_kinds(want))
    return News(
        since,
        lines(told.events),
        _url(since, kind=UNUSUAL),
        _by_tenant(counts, since),
        more_tenants=max(0, len({chain for chain, _ in counts}) - MOST_TENANTS),
        all_url=_url(since),
        is_cut=counts.total() == MOST_COUNTED,
    )


def _chains_and_kinds(want: EventFilter) -> list[tuple[str, str]]:
    events = Event.objects.filter(at__gte=want.since).order_by("-at", "-id")
    if want.chains is not None:
        events = events.filter(chain__in=want.chains)
    return [(chain, kind_of(verb)) for chain, verb in events.values_list("chain", "verb")[:MOST_COUNTED]]


def _by_tenant(counts: Counter[tuple[str, str]], since: datetime) -> list[TenantsNews]:
    """Return the news of the tenants with the most events, sorted by name."""
    of_chains = Counter[str]()
    for (chain, _), count in counts.items():
        of_chains[chain] += count
    chains = {chain for chain, _ in of_chains.most_common(MOST_TENANTS)}
    names = {
        str(pk): name for pk, name in Tenant.objects.filter(pk__in=chains - {SITE_CHAIN}).values_list("pk", "name")
    }
    told = [
        TenantsNews(
            names.get(chain, "The site"), _kinds([item for item in counts.items() if item[0][0] == chain], since)
        )
        for chain in chains
    ]
    return sorted(told, key=lambda each: each.name)


def _kinds(counted: Sequence[tuple[tuple[str, str], int]], since: datetime) -> list[KindOfNews]:
    kinds = [
        KindOfNews(words_for(kind), count, _url(since, kind=kind, tenant="" if chain == SITE_CHAIN else chain))
        for (chain, kind), count in counted
    ]
    return sorted(kinds, key=lambda kind: (-kind.count, kind.words))


def _url(since: datetime, **filters: str) -> str:
    typed = {name: text for name, text in filters.items() if text}
    return f"?{urlencode(typed | {'since': f'{since:%Y-%m-%dT%H:%M:%S}'})}"
