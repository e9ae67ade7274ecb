"""`record()`, and `record_many()` for bulk work: the one way a line comes into the history."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone

from portal.audit import canonical
from portal.audit.actors import Actor
from portal.audit.context import current
from portal.audit.models import SITE_CHAIN, ChainHead, Event, PersonalText
from portal.audit.verbs import Verb

Changes = Mapping[str, Any]


@dataclass(frozen=True)
class Target:
    """What it happened to; `label` is kept as text, so that the line outlives the row."""

    type: str
    id: str
    label: str


@dataclass(frozen=True)
class Line:
    """What happened to whom, for `record_many`; the fields are those of `record`."""

    verb: Verb
    target: Target
    tenant_id: UUID | None = None
    changes: Changes = field(default_factory=dict)
    reason: str = ""

    @property
    def chain(self) -> str:
        """Return the chain that it belongs to."""
        return str(self.tenant_id) if self.tenant_id else SITE_CHAIN


class NotInTransaction(RuntimeError):
    """An event was recorded outside the transaction of its change."""


def record(  # noqa: PLR0913 - the columns of a line of history
    verb: Verb,
    target: Target,
    actor: Actor,
    *,
    tenant_id: UUID | None = None,
    changes: Changes | None = None,
    reason: str = "",
    at: datetime | None = None,
) -> Event:
    """Append one event to the tenant's chain (the site's without a tenant), in the caller's transaction.

    `changes` maps a field to `[before, after]`; secrets stand there as "changed" or by fingerprint, never as values.
    Raises NotInTransaction when the caller opened none: then a change could commit without its line.
    """
    line = Line(verb, target, tenant_id, changes or {}, reason)
    _demand_transaction(verb)
    # Personal texts before the head: whoever waits for a text must hold no chain, or two writers could wait in a ring.
    texts = _texts(actor)
    head = _lock_head(line.chain)
    event = _next(head, line, actor, texts, at or timezone.now())
    event.save(force_insert=True)
    ChainHead.objects.filter(chain=event.chain).update(seq=event.seq, hash=event.hash)
    return event


def record_many(lines: Sequence[Line], actor: Actor) -> list[Event]:
    """Append many events in the caller's transaction, with a few statements for all of them.

    Events of one chain follow each other in the order given. Raises NotInTransaction.
    """
    if not lines:
        return []
    _demand_transaction(lines[0].verb)
    texts, now = _texts(actor), timezone.now()
    heads = _lock_heads({line.chain for line in lines})
    events = [_next(heads[line.chain], line, actor, texts, now) for line in lines]
    Event.objects.bulk_create(events)
    ChainHead.objects.bulk_create(
        heads.values(), update_conflicts=True, unique_fields=["chain"], update_fields=["seq", "hash"]
    )
    return events


def _demand_transaction(verb: Verb) -> None:
    if not connection.in_atomic_block:
        raise NotInTransaction(f"{verb} must be recorded in the transaction of its change")


@dataclass(frozen=True)
class _Texts:
    """The commitments of what is personal in a line."""

    actor: str
    address: str


def _texts(actor: Actor) -> _Texts:
    address = current().address
    return _Texts(_commitment(actor.label), _commitment(address) if address else "")


def _next(head: ChainHead, line: Line, actor: Actor, texts: _Texts, at: datetime) -> Event:
    """Return the event that follows the head, and move the head on (in memory; the caller saves both)."""
    fields: dict[str, Any] = {
        "v": canonical.SCHEMA_VERSION,
        "chain": line.chain,
        "seq": head.seq + 1,
        "prev": head.hash,
        "at": at.astimezone(UTC),
        "verb": line.verb.value,
        "actor": {"kind": actor.kind.value, "id": actor.user_id, "text": texts.actor},
        "target": {"type": line.target.type, "id": line.target.id, "label": line.target.label},
        "changes": line.changes,
        "reason": line.reason,
        "request": current().request_id,
        "address": texts.address,
    }
    event = _event(fields)
    head.seq, head.hash = event.seq, event.hash
    return event


def _event(fields: dict[str, Any]) -> Event:
    data = canonical.encode(fields)
    return Event(
        chain=fields["chain"],
        seq=fields["seq"],
        prev=fields["prev"],
        hash=canonical.digest(data),
        canonical=data,
        at=fields["at"],
        verb=fields["verb"],
        actor_kind=fields["actor"]["kind"],
        actor_id=fields["actor"]["id"],
        actor_text=fields["actor"]["text"],
        target_type=fields["target"]["type"],
        target_id=fields["target"]["id"],
        request_id=fields["request"],
    )


def _lock_head(chain: str) -> ChainHead:
    """Return the chain's head, locked until the transaction ends (on SQLite the whole database is)."""
    ChainHead.objects.bulk_create([ChainHead(chain=chain)], ignore_conflicts=True)
    return ChainHead.objects.select_for_update().get(chain=chain)


def _lock_heads(chains: set[str]) -> dict[str, ChainHead]:
    """Return the heads by chain, all locked; always in one order, so that two writers do not wait in a ring."""
    ordered = sorted(chains)
    ChainHead.objects.bulk_create([ChainHead(chain=chain) for chain in ordered], ignore_conflicts=True)
    return {head.chain: head for head in ChainHead.objects.select_for_update().filter(chain__in=ordered).order_by("chain")}


def _commitment(text: str) -> str:
    """Return the commitment of a personal text, remembering the text beside the chain."""
    known = PersonalText.objects.filter(text=text).values_list("commitment", flat=True).first()
    if known:
        return known
    salt = canonical.new_salt()
    PersonalText.objects.bulk_create(
        [PersonalText(commitment=canonical.commit_to(text, salt), salt=salt, text=text)],
        ignore_conflicts=True,
    )
    return PersonalText.objects.values_list("commitment", flat=True).get(text=text)
