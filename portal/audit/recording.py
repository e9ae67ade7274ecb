"""Recording of audit events: `record()`, and `record_many()` for bulk operations."""

from collections.abc import Iterator, Mapping, Sequence, Sized
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Self
from uuid import UUID

from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.utils import timezone

from portal.audit import canonical, personal
from portal.audit.actors import Actor
from portal.audit.checkpoints import urgent
from portal.audit.context import Context, current
from portal.audit.models import SITE_CHAIN, ChainHead, Event, PersonalText
from portal.audit.verbs import Verb
from portal.core.db import fast_sql

Changes = Mapping[str, Any]


@dataclass(frozen=True)
class Target:
    """The object of an event; `label` is stored as text, so that the event outlives the row."""

    type: str
    id: str
    label: str


@dataclass(frozen=True)
class NewEvent:
    """One event for `record_many`; the fields are the arguments of `record`."""

    verb: Verb
    target: Target
    tenant_id: UUID | None = None
    changes: Changes = field(default_factory=dict)
    reason: str = ""

    @property
    def chain(self) -> str:
        """Return the chain that the event belongs to."""
        return str(self.tenant_id) if self.tenant_id else SITE_CHAIN

    @cached_property
    def personal_texts(self) -> set[str] | None:
        """Return the personal texts in the event; None, as for nearly every event, if it can stay unchanged."""
        said = (self.target.label, self.reason, self.changes)
        return personal.texts_in(*said) if personal.concerns(*said) else None

    def without_personal_texts(self, commitments: Mapping[str, str]) -> Self:
        """Return the event with personal texts replaced, since nothing in the chain can be erased."""
        if self.personal_texts is None:
            return self
        label, changes, reason = personal.hidden((self.target.label, self.changes, self.reason), commitments)
        return replace(self, target=replace(self.target, label=label), changes=changes, reason=reason)


class NotInTransaction(RuntimeError):
    """An event was recorded outside the transaction of its change."""


def record(  # noqa: PLR0913 - the columns of an event
    verb: Verb,
    target: Target,
    actor: Actor,
    *,
    tenant_id: UUID | None = None,
    changes: Changes | None = None,
    reason: str = "",
    at: datetime | None = None,
) -> Event:
    """Append one event to the tenant's chain, or to the site's chain without a tenant, in the caller's transaction.

    `changes` maps a field to `[before, after]`; secrets appear as "changed" or by fingerprint, never as values.
    Personal texts anywhere in the event are replaced by their commitment (see `personal`). Raises NotInTransaction
    outside a transaction, because the change could commit without its event.
    """
    new_event = NewEvent(verb, target, tenant_id, changes or {}, reason)
    _demand_transaction(verb)
    waiting = _Waiting(new_event, actor, at or timezone.now(), current())
    if (gathering := _gathering.get()) is not None:
        gathering.append(waiting)
    else:
        _append(waiting)
    return waiting.event


def record_many(new_events: Sequence[NewEvent], actor: Actor) -> list[Event]:
    """Append many events in the caller's transaction, with few statements.

    Events of one chain keep the given order. Raises NotInTransaction.
    """
    if not new_events:
        return []
    _demand_transaction(new_events[0].verb)
    now, context = timezone.now(), current()
    many = [_Waiting(new_event, actor, now, context) for new_event in new_events]
    if (gathering := _gathering.get()) is not None:
        gathering.extend(many)
    else:
        _append_all(many)
    return [waiting.event for waiting in many]


@contextmanager
def batch_events() -> Iterator[Sized]:
    """Batch: collect all events of the block and append them at its end with few statements.

    Yields the events that are waiting so far. Use it inside one transaction. Blocks can be nested: if an inner one
    raises an exception, its savepoint undoes the changes and its events are dropped too.
    """
    outer = _gathering.get()
    mine: list[_Waiting] = []
    token = _gathering.set(mine)
    try:
        yield mine
    finally:
        _gathering.reset(token)
    if outer is not None:
        outer.extend(mine)
    else:
        _append_all(mine)


@dataclass(frozen=True)
class _Waiting:
    """An event without its position in the chain; `event` is filled and saved when it is appended."""

    line: NewEvent
    actor: Actor
    at: datetime
    context: Context
    event: Event = field(default_factory=Event)


#: Up to this many events of one request are written one by one: compiling one statement for all takes longer.
_FEW = 4

#: Up to this many, executing one statement repeatedly is faster than compiling one for all of them.
_MANY = 200

_gathering: ContextVar[list[_Waiting] | None] = ContextVar("audit_gathering", default=None)


def _demand_transaction(verb: Verb) -> None:
    if not connection.in_atomic_block:
        raise NotInTransaction(f"{verb} must be recorded in the transaction of its change")


def _append(first: _Waiting, *more: _Waiting) -> None:
    """Append a few events of one chain, actor and context."""
    # Personal texts before the head: a writer that waits for a text must hold no chain, or two could deadlock.
    inside = _commitments({text for each in (first, *more) for text in each.line.personal_texts or ()})
    with connection.cursor() as cursor:
        head, texts = _lock_head_and_read_texts(first, cursor)
        texts |= inside
        for waiting in (first, *more):
            _place(waiting, head, texts)
            _save(waiting.event, head, cursor)
    urgent.announce({each.line.verb for each in (first, *more)})


def _append_all(many: Sequence[_Waiting]) -> None:
    if not many:
        return
    if len(many) <= _FEW and len({(each.line.chain, each.actor, each.context) for each in many}) == 1:
        _append(*many)
        return
    texts = _commitments({text for each in many for text in (*_personal(each), *(each.line.personal_texts or ()))})
    chains = {each.line.chain for each in many}
    heads = _lock_known_heads(chains) or _lock_heads(chains)
    for each in many:
        _place(each, heads[each.line.chain], texts)
    _save_all([each.event for each in many], [*heads.values()])
    urgent.announce({each.line.verb for each in many})


def _save_all(events: list[Event], heads: list[ChainHead]) -> None:
    if len(events) <= _MANY:
        fast_sql.insert_many(events)
        fast_sql.update_many(heads, ("seq", "hash"))
        return
    Event.objects.bulk_create(events)
    ChainHead.objects.bulk_create(heads, update_conflicts=True, unique_fields=["chain"], update_fields=["seq", "hash"])


def _personal(waiting: _Waiting) -> list[str]:
    """Return the actor's label and the address."""
    return [text for text in (waiting.actor.label, waiting.context.address) if text]


def _place(waiting: _Waiting, head: ChainHead, texts: Mapping[str, str]) -> None:
    """Build the event after the head, and advance the head (both in memory; the caller saves them)."""
    line, actor, context = waiting.line.without_personal_texts(texts), waiting.actor, waiting.context
    fields: dict[str, Any] = {
        "v": canonical.SCHEMA_VERSION,
        "chain": line.chain,
        "seq": head.seq + 1,
        "prev": head.hash,
        "at": waiting.at.astimezone(UTC),
        "verb": line.verb.value,
        "actor": {"kind": actor.kind.value, "id": actor.user_id, "text": texts.get(actor.label, "")},
        "target": {"type": line.target.type, "id": line.target.id, "label": line.target.label},
        "changes": line.changes,
        "reason": line.reason,
        "request": context.request_id,
        "address": texts.get(context.address, ""),
    }
    _fill(waiting.event, fields)
    head.seq, head.hash = waiting.event.seq, waiting.event.hash


def _fill(event: Event, fields: dict[str, Any]) -> None:
    event.canonical = canonical.encode(fields)
    event.hash = canonical.digest(event.canonical)
    event.chain, event.seq, event.prev = fields["chain"], fields["seq"], fields["prev"]
    event.at, event.verb, event.request_id = fields["at"], fields["verb"], fields["request"]
    event.actor_kind, event.actor_id = fields["actor"]["kind"], fields["actor"]["id"]
    event.actor_text = fields["actor"]["text"]
    event.target_type, event.target_id = fields["target"]["type"], fields["target"]["id"]


_HEAD_AND_TEXTS = """
SELECT head.seq, head.hash, actor.commitment, COALESCE(address.commitment, '')
FROM audit_chainhead head
JOIN audit_personaltext actor ON actor.text = %s
LEFT JOIN audit_personaltext address ON address.text = %s
WHERE head.chain = %s AND (address.text IS NOT NULL OR %s = '')
"""


def _lock_head_and_read_texts(waiting: _Waiting, cursor: CursorWrapper) -> tuple[ChainHead, dict[str, str]]:
    """Return the chain's head, locked until the transaction ends (SQLite locks the whole database), and the texts.

    One statement suffices for nearly every event; it returns and locks nothing if the chain or a text is new.
    """
    chain, actor, address = waiting.line.chain, waiting.actor.label, waiting.context.address
    lock = "FOR UPDATE OF head" if connection.features.has_select_for_update_of else ""
    cursor.execute(_HEAD_AND_TEXTS + lock, [actor, address, chain, address])
    found = cursor.fetchone()
    if found is not None:
        seq, last, actor_text, address_text = found
        return ChainHead(chain, seq, last), {actor: actor_text, address: address_text}
    texts = {text: _commitment(text) for text in _personal(waiting)}
    return _lock_heads({chain})[chain], texts


_MOVE_HEAD = "UPDATE audit_chainhead SET seq = %s, hash = %s WHERE chain = %s"
_INSERT = """
INSERT INTO audit_event (chain, seq, prev, hash, canonical, at, verb, actor_kind, actor_id, actor_text,
    target_type, target_id, request_id)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING id
"""


def _save(event: Event, head: ChainHead, cursor: CursorWrapper) -> None:
    """INSERT the event and advance the head. Every change in the portal waits for this, so it bypasses the ORM.

    PostgreSQL does both in one statement, because there the round trip costs more than the work.
    """
    moved: list[Any] = [head.seq, head.hash, head.chain]
    at = connection.ops.adapt_datetimefield_value(event.at)
    actor_id: Any = event.actor_id
    if event.actor_id is not None and not connection.features.has_native_uuid_field:
        actor_id = event.actor_id.hex
    row: list[Any] = [
        *(event.chain, event.seq, event.prev, event.hash, event.canonical, at, event.verb, event.actor_kind, actor_id),
        *(event.actor_text, event.target_type, event.target_id, event.request_id),
    ]
    if connection.vendor == "postgresql":
        cursor.execute(f"WITH head AS ({_MOVE_HEAD}) {_INSERT}", moved + row)
    else:
        cursor.execute(_MOVE_HEAD, moved)
        cursor.execute(_INSERT, row)
    event.pk = cursor.fetchone()[0]


def _lock_heads(chains: set[str]) -> dict[str, ChainHead]:
    """Return the locked heads by chain; locked in a fixed order, so that two writers do not deadlock."""
    ordered = sorted(chains)
    ChainHead.objects.bulk_create([ChainHead(chain=chain) for chain in ordered], ignore_conflicts=True)
    return {
        head.chain: head for head in ChainHead.objects.select_for_update().filter(chain__in=ordered).order_by("chain")
    }


_KNOWN_HEADS = """
SELECT chain, seq, hash FROM audit_chainhead
WHERE chain IN ({chains}) AND %s = (SELECT COUNT(*) FROM audit_chainhead WHERE chain IN ({chains}))
ORDER BY chain
"""


def _lock_known_heads(chains: set[str]) -> dict[str, ChainHead]:
    """Do the same in one statement; it returns and locks nothing if a chain is new or there are very many."""
    if len(chains) > _MANY:
        return {}
    lock = "FOR UPDATE" if connection.features.has_select_for_update else ""
    sql = _KNOWN_HEADS.format(chains=", ".join(["%s"] * len(chains)))
    with connection.cursor() as cursor:
        cursor.execute(sql + lock, [*chains, len(chains), *chains])
        return {chain: ChainHead(chain, seq, last) for chain, seq, last in cursor.fetchall()}


def _commitments(wanted: set[str]) -> dict[str, str]:
    """Return the commitments of personal texts."""
    return {text: _known_commitment(text) or _commitment(text) for text in sorted(wanted)}


def _known_commitment(text: str) -> str:
    return next((known.commitment for known in fast_sql.select(PersonalText, text=text)), "")


def _commitment(text: str) -> str:
    """Return the commitment of a personal text; stores the text beside the chain if it is new."""
    known = PersonalText.objects.filter(text=text).values_list("commitment", flat=True).first()
    if known:
        return known
    salt = canonical.new_salt()
    PersonalText.objects.bulk_create(
        [PersonalText(commitment=canonical.commit_to(text, salt), salt=salt, text=text)],
        ignore_conflicts=True,
    )
    return PersonalText.objects.values_list("commitment", flat=True).get(text=text)
