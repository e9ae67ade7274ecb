"""`record()`: the one way a line comes into the history."""

from collections.abc import Mapping
from dataclasses import dataclass
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
    if not connection.in_atomic_block:
        raise NotInTransaction(f"{verb} must be recorded in the transaction of its change")
    chain = str(tenant_id) if tenant_id else SITE_CHAIN
    context = current()
    # Personal texts before the head: whoever waits for a text must hold no chain, or two writers could wait in a ring.
    actor_text = _commitment(actor.label)
    address = _commitment(context.address) if context.address else ""
    head = _lock_head(chain)
    fields: dict[str, Any] = {
        "v": canonical.SCHEMA_VERSION,
        "chain": chain,
        "seq": head.seq + 1,
        "prev": head.hash,
        "at": (at or timezone.now()).astimezone(UTC),
        "verb": verb.value,
        "actor": {"kind": actor.kind.value, "id": actor.user_id, "text": actor_text},
        "target": {"type": target.type, "id": target.id, "label": target.label},
        "changes": changes or {},
        "reason": reason,
        "request": context.request_id,
        "address": address,
    }
    return _append(fields)


def _append(fields: dict[str, Any]) -> Event:
    data = canonical.encode(fields)
    event = Event(
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
    event.save(force_insert=True)
    ChainHead.objects.filter(chain=event.chain).update(seq=event.seq, hash=event.hash)
    return event


def _lock_head(chain: str) -> ChainHead:
    """Return the chain's head, locked until the transaction ends (on SQLite the whole database is)."""
    ChainHead.objects.bulk_create([ChainHead(chain=chain)], ignore_conflicts=True)
    return ChainHead.objects.select_for_update().get(chain=chain)


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
