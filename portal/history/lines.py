"""Events as sentences for people."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.audit.actors import ActorKind
from portal.audit.models import SITE_CHAIN, Event, PersonalText
from portal.audit.reading import fields
from portal.audit.verbs import Verb
from portal.tenants.models import Tenant


@dataclass(frozen=True)
class Change:
    """One field, before and after."""

    field: str
    before: str
    after: str


@dataclass(frozen=True)
class Line:
    """One event as a page shows it."""

    at: datetime
    actor: str
    actor_kind: str
    sentence: str
    target: str
    tenant: str
    reason: str
    changes: list[Change]
    request_id: str
    chain: str
    seq: int
    hash: str


def lines(events: Iterable[Event]) -> list[Line]:
    """Return the events as lines; two queries for all of them."""
    events = list(events)
    texts = PersonalText.objects.in_bulk({event.actor_text for event in events})
    chains = {event.chain for event in events} - {SITE_CHAIN}
    tenants = {str(pk): name for pk, name in Tenant.objects.filter(pk__in=chains).values_list("pk", "name")}
    return [_line(event, texts, tenants) for event in events]


def _line(event: Event, texts: dict[str, PersonalText], tenants: dict[str, str]) -> Line:
    body = fields(event)
    return Line(
        at=event.at,
        actor=str(texts.get(event.actor_text, "(erased)")),
        actor_kind=ActorKind(event.actor_kind).label,
        sentence=Verb(event.verb).label,
        target=body["target"]["label"],
        tenant=tenants.get(event.chain, ""),
        reason=body["reason"],
        changes=[Change(name, _shown(pair[0]), _shown(pair[1])) for name, pair in body["changes"].items()],
        request_id=event.request_id,
        chain=event.chain,
        seq=event.seq,
        hash=event.hash,
    )


def _shown(value: Any) -> str:
    return "nothing" if value is None else str(value)
