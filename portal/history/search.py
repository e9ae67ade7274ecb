"""Event search: keyset pages that cost the same with ten thousand events and with a million.

Each page scans one index in order of time from the cursor on, and stops when it is full. The index is chosen by the
first filter that is set: request, target, people, verb, chain, else time alone. The other filters are applied to the
scanned events, at most SCAN of them; then the page says how far it searched, and offers to continue. Nothing is
counted.

For several chains (or verbs) the newest events of each are merged. With hundreds of chains only those are scanned whose
newest event is among the newest: no other chain can have an event on the page.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
from django.db import connection

from portal.audit.models import Event
from portal.history.filters import EventFilter
from portal.history.people_search import People

#: Events that a scan filters before a page gives up.
SCAN = 10_000
#: With more scans than these, for many people, each would be short; then time or the chain comes first.
MOST_WALKS = 40
#: Columns that the other filters need.
_TRIED = "chain, verb, actor_text, target_type, target_id, canonical"
#: A position in the scan: an event's time and id.
Place = tuple[datetime, int]


@dataclass(frozen=True)
class Found:
    """Events in scan order; `stopped_at` is the last event that was filtered, if the scan stopped early."""

    events: list[Event]
    stopped_at: Event | None = None


@dataclass
class _Where:
    """Conditions joined by AND; every value is a parameter."""

    parts: list[str] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)

    def add(self, condition: str, *values: Any) -> None:
        self.parts.append(condition)
        self.values.extend(values)

    @property
    def sql(self) -> str:
        return " AND ".join(self.parts) or "1 = 1"


def find(wanted: EventFilter, size: int, beyond: Place | None = None, *, newer: bool = False) -> Found:
    """Return at most `size` events beyond a position: older ones, or newer ones with the oldest first.

    Five queries at most, however many chains and verbs there are.
    """
    if wanted.chains == () or wanted.verbs == ():
        return Found([])
    order = "ASC" if newer else "DESC"
    if wanted.people is not None and not (wanted.people.commitments or wanted.people.targets):
        return Found([])
    driven = _driven_by(wanted, size)
    walks, tried = _walks(driven, wanted, size, beyond, newer=newer), _Where()
    for walk in walks:
        _bound(walk, wanted, beyond, newer=newer)
    _try(tried, wanted, driven)
    scan = max(SCAN // len(walks), size) if tried.parts else size
    one = (
        "SELECT at, id FROM (SELECT {columns} FROM audit_event WHERE {walk} "
        "ORDER BY at {order}, id {order} LIMIT {scan}) walk WHERE {tried} LIMIT {size}"
    )
    columns = f"at, id, {_TRIED}" if tried.parts else "at, id"
    parts = {"columns": columns, "order": order, "scan": scan, "tried": tried.sql, "size": size}
    # Each scan returns its events in order; several are merged by sorting their few events again. An event can be in
    # two scans, if a person did something to themselves.
    sql = " UNION ".join(f"SELECT at, id FROM ({one.format(walk=walk.sql, **parts)}) one" for walk in walks)  # noqa: S608 - as below
    sql = f"SELECT id FROM ({sql}) merged ORDER BY at {order}, id {order} LIMIT {size}"  # noqa: S608 - our own texts; values are parameters
    events = _events(sql, [value for walk in walks for value in (*walk.values, *tried.values)])
    if not tried.parts or (len(events) == size and len(walks) == 1):
        return Found(events)
    stop = _stop(walks, scan, newer=newer)
    # Beyond the point where one scan stopped, the result would be incomplete: those events are left to the next page.
    return Found([event for event in events if stop is None or _is_before(event, stop, newer=newer)], stop)


def _walks(driven: str, wanted: EventFilter, size: int, beyond: Place | None, *, newer: bool) -> list[_Where]:
    """Return the scans of the best index: one, or one for each verb, chain or person."""
    first: list[dict[str, str]] = [{}]
    match driven:
        case "request":
            first = [{"request_id": wanted.request_id}]
        case "target":
            kind, pk = wanted.target or ("", "")
            first = [{"target_type": kind, "target_id": pk}]
        case "people":
            people = wanted.people or People()
            first = [{"actor_text": text} for text in people.commitments]
            first += [{"target_type": kind, "target_id": pk} for kind, pk in people.targets]
        case "verb":
            first = [{"verb": verb} for verb in wanted.verbs or ()]
        case "chain":
            chains = _liveliest(wanted.chains or (), wanted, size, beyond, newer=newer)
            first = [{"chain": chain} for chain in chains]
    return [_equal(**columns) for columns in first]


def _equal(**columns: str) -> _Where:
    where = _Where()
    for name, value in columns.items():
        where.add(f"{name} = %s", value)
    return where


def _bound(walk: _Where, wanted: EventFilter, beyond: Place | None, *, newer: bool) -> None:
    """Start the scan at the cursor, and limit it to the period."""
    if beyond is not None:
        at, pk, than = _time(beyond[0]), beyond[1], ">" if newer else "<"
        walk.add(f"(at, id) {than} (%s, %s)", at, pk)
    if wanted.since is not None:
        walk.add("at >= %s", _time(wanted.since))
    if wanted.until is not None:
        walk.add("at < %s", _time(wanted.until))


def _try(tried: _Where, wanted: EventFilter, driven: str) -> None:
    """Add the filters that the scan's own index does not cover."""
    if wanted.request_id and driven != "request":
        tried.add("request_id = %s", wanted.request_id)
    if wanted.target and driven != "target":
        tried.add("target_type = %s AND target_id = %s", *wanted.target)
    if wanted.chains is not None and driven != "chain":
        tried.add(f"chain IN ({', '.join(['%s'] * len(wanted.chains))})", *wanted.chains)
    if wanted.verbs is not None and driven != "verb":
        tried.add(f"verb IN ({', '.join(['%s'] * len(wanted.verbs))})", *wanted.verbs)
    if wanted.people and driven != "people":
        tried.add(*_about(wanted.people))
    if wanted.text:
        tried.add(*_label_holds(wanted.text, wanted.named))


def _about(people: People) -> tuple[str, ...]:
    """Return the condition that one of these people is the actor or the target, and its values."""
    parts = ["1 = 0"]
    if people.commitments:
        parts.append(f"actor_text IN ({', '.join(['%s'] * len(people.commitments))})")
    if people.targets:
        parts.append(f"(target_type, target_id) IN (VALUES {', '.join(['(%s, %s)'] * len(people.targets))})")
    values = [*people.commitments, *(part for target in people.targets for part in target)]
    return f"({' OR '.join(parts)})", *values


def _driven_by(wanted: EventFilter, size: int) -> str:
    """Return the filter that chooses the index."""
    chains = None if wanted.chains is None else len(wanted.chains)
    asked = {
        "request": bool(wanted.request_id),
        "target": wanted.target is not None,
        "people": wanted.people is not None
        and len(wanted.people.commitments) + len(wanted.people.targets) <= MOST_WALKS,
        "verb": chains != 1 and wanted.verbs is not None,
    }
    if first := next((name for name, is_asked in asked.items() if is_asked), ""):
        return first
    # The most recent chains say nothing about a text search: with very many chains, search by time alone.
    if chains is not None and (chains <= size or not wanted.text):
        return "chain"
    return "time"


def _label_holds(text: str, named: Sequence[str]) -> tuple[str, ...]:
    """Return the condition that an event's label contains this text, searched in the hashed bytes, and its values.

    The keys are sorted, so the label is between its key and the target's type. An e-mail address appears there as a
    commitment, whose letters must not match: `named` are the commitments of addresses that contain the text.
    """
    inside = orjson.dumps(text).decode()[1:-1]
    for sign in ("!", "%", "_"):
        inside = inside.replace(sign, f"!{sign}")
    plain, personal = f"%{inside}%", "[personal:"
    patterns = [f"%{inside}%{personal}%", f"%{personal}%]%{inside}%", *(f"%{personal}{each}%" for each in named)]
    is_like = "CAST(canonical AS TEXT) LIKE %s ESCAPE '!'"
    if connection.vendor == "postgresql":
        is_like = "convert_from(canonical, 'UTF8') ILIKE %s ESCAPE '!'"
    condition = f"(({is_like} AND NOT {is_like})" + f" OR {is_like}" * len(patterns) + ")"
    return condition, *(f'%"label":"{each}","type":"%' for each in (plain, f"%{personal}%", *patterns))


def _liveliest(
    chains: Sequence[str], wanted: EventFilter, size: int, beyond: Place | None, *, newer: bool
) -> Sequence[str]:
    """Return the chains that can have an event on the page; needs one index lookup per existing chain."""
    if len(chains) <= size:
        return chains
    walk, order = _Where(), "ASC" if newer else "DESC"
    _bound(walk, wanted, beyond, newer=newer)
    nearest = (
        f"SELECT at FROM audit_event WHERE chain = head.chain AND {walk.sql} ORDER BY at {order}, id {order} LIMIT 1"  # noqa: S608 - our own texts; values are parameters
    )
    places = ", ".join(["%s"] * len(chains))
    # COALESCE: without it SQLite would inline the inner query twice and execute it twice.
    sql = (
        f"SELECT chain FROM (SELECT head.chain AS chain, ({nearest}) AS nearest FROM audit_chainhead head "  # noqa: S608 - as above
        f"WHERE head.chain IN ({places})) one WHERE nearest IS NOT NULL ORDER BY nearest {order} LIMIT {size}"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [*walk.values, *chains])
        return [row[0] for row in cursor.fetchall()] or chains[:1]


def _stop(walks: Sequence[_Where], scan: int, *, newer: bool) -> Event | None:
    """Return the event at which the first exhausted scan stopped; None if all scans reached their end."""
    order = "ASC" if newer else "DESC"
    one = "SELECT id FROM audit_event WHERE {walk} ORDER BY at {order}, id {order} LIMIT 1 OFFSET {last}"
    last = [one.format(walk=walk.sql, order=order, last=scan - 1) for walk in walks]
    sql = " UNION ALL ".join(f"SELECT id FROM ({each}) one" for each in last)  # noqa: S608 - our own texts; values are parameters
    ends = _events(sql, [value for walk in walks for value in walk.values])
    soonest = min if newer else max
    return soonest(ends, key=_place, default=None)


def _is_before(event: Event, stop: Event, *, newer: bool) -> bool:
    return _place(event) <= _place(stop) if newer else _place(event) >= _place(stop)


def _place(event: Event) -> Place:
    return event.at, event.pk


def _events(sql: str, values: Sequence[Any]) -> list[Event]:
    """Return the events with the ids of the statement's result, in its order."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        ids = [row[0] for row in cursor.fetchall()]
    events = Event.objects.in_bulk(ids)
    return [events[pk] for pk in ids]


_AT: Any = Event._meta.get_field("at")  # noqa: SLF001 - Django's public API


def _time(moment: datetime) -> Any:
    """Return a time in the form that this engine takes."""
    return _AT.get_db_prep_value(moment, connection)
