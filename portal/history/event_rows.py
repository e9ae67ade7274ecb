"""Presentation of events: sentences, names and links for the history pages."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.audit import personal
from portal.audit.actors import ActorKind
from portal.audit.event_lookup import fields
from portal.audit.models import SITE_CHAIN, Event, PersonalText
from portal.audit.verbs import known
from portal.history.event_kinds import is_unusual
from portal.history.sentences import sentences
from portal.tenants.models import Tenant

ERASED = "(erased)"
_UNREADABLE: dict[str, Any] = {
    "verb": "",
    "target": {"label": ""},
    "reason": "This event cannot be read: its bytes were changed. “Evidence” tells what the last verification found.",
    "changes": {},
    "address": "",
}


@dataclass(frozen=True)
class Line:
    """An event as a page shows it; `address` is where the request came from.

    `target_person` is the id of the person who is the event's target, for a link to all their events; else it is empty.
    """

    at: datetime
    actor: str
    actor_text: str
    actor_kind: str
    verb: str
    sentence: str
    target: str
    target_key: str
    target_person: str
    tenant: str
    reason: str
    changes: list[str]
    raw_changes: list[tuple[str, Any]]
    request_id: str
    address: str
    chain: str
    seq: int
    prev: str
    hash: str
    unusual: bool


@dataclass(frozen=True)
class Click:
    """Adjacent events of one request, run or order: the first event and those that followed from it."""

    head: Line
    rest: list[Line]


def lines(events: Iterable[Event]) -> list[Line]:
    """Return the events for display, with two queries for all. An unreadable event says so in its place."""
    read = [(event, _read(event)) for event in events]
    commitments = {event.actor_text for event, _ in read if event.actor_text}
    commitments |= {text for _, said in read if said for text in said.commitments}
    texts = {key: str(text) for key, text in PersonalText.objects.in_bulk(commitments).items()}
    chains = {event.chain for event, _ in read} - {SITE_CHAIN}
    tenants = {str(pk): name for pk, name in Tenant.objects.filter(pk__in=chains).values_list("pk", "name")}
    return [_line(event, said, texts, tenants) for event, said in read]


@dataclass(frozen=True)
class _Said:
    """The parsed bytes of an event, and the commitments of the personal texts in them."""

    body: dict[str, Any]
    commitments: set[str]


def _read(event: Event) -> _Said | None:
    """Return the parsed event, or None if its bytes were tampered with and cannot be read."""
    try:
        body = fields(event)
        commitments = {*personal.commitments_in(bytes(event.canonical)), *filter(None, [body["address"]])}
        is_whole = {"label", "type", "id"} <= {*body["target"]} and isinstance(body["changes"], dict)
        return _Said(body, commitments) if is_whole and isinstance(body["reason"], str) else None
    except (ValueError, KeyError, TypeError):
        return None


def clicks(lines: Sequence[Line]) -> list[Click]:
    """Group adjacent events of one request, newest first, under the first that happened."""
    folded: list[list[Line]] = []
    for line in lines:
        if folded and line.request_id and folded[-1][-1].request_id == line.request_id:
            folded[-1].append(line)
        else:
            folded.append([line])
    return [Click(each[-1], each[-2::-1]) for each in folded]


def _line(event: Event, said: _Said | None, texts: dict[str, str], tenants: dict[str, str]) -> Line:
    body = personal.shown(said.body, texts, ERASED) if said else _UNREADABLE
    return Line(
        at=event.at,
        actor=texts.get(event.actor_text, ERASED),
        actor_text=event.actor_text,
        actor_kind=_kind(event.actor_kind),
        verb=event.verb,
        sentence=_label(event.verb),
        target=body["target"]["label"],
        target_key=f"{event.target_type}:{event.target_id}",
        target_person=event.target_id if event.target_type == "person" else "",
        tenant=tenants.get(event.chain, ""),
        reason=body["reason"],
        changes=sentences(body),
        raw_changes=[(name, pair) for name, pair in body["changes"].items()],
        request_id=event.request_id,
        address=texts.get(body["address"], ERASED) if body["address"] else "",
        chain=event.chain,
        seq=event.seq,
        prev=event.prev,
        hash=event.hash,
        unusual=is_unusual(event.verb),
    )


def _kind(kind: str) -> str:
    return str(ActorKind(kind).label) if kind in ActorKind.values else kind


def _label(verb: str) -> str:
    """Return the verb's label, or the verb itself if this release does not know it."""
    found = known(verb)
    return str(found.label) if found else verb
