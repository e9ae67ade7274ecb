"""Parsing of stored events, and the integrity check of one chain."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from django.db import transaction

from portal.audit import canonical
from portal.audit.models import ChainHead, Event


def fields(event: Event) -> dict[str, Any]:
    """Return the event as a dict, parsed from its hashed bytes."""
    parsed: dict[str, Any] = orjson.loads(bytes(event.canonical))
    return parsed


@dataclass(frozen=True)
class Fault:
    """A position at which a chain is broken."""

    chain: str
    seq: int
    problem: str


def faults(chain: str) -> Iterator[Fault]:
    """Yield the faults of a chain, from its first event to its head; nothing if it is intact."""
    with transaction.atomic():  # writers of this chain have to wait for the head
        head = ChainHead.objects.select_for_update().filter(chain=chain).values_list("seq", "hash").first()
        yield from _between(chain, head or (0, ""))


def _between(chain: str, head: tuple[int, str]) -> Iterator[Fault]:
    seq, prev = 0, ""
    for event in Event.objects.filter(chain=chain).order_by("seq").iterator():
        seq += 1
        if event.seq != seq:
            yield Fault(chain, seq, "the sequence has a gap")
            seq = event.seq
        if event.prev != prev:
            yield Fault(chain, seq, "it does not follow the event before it")
        if canonical.digest(bytes(event.canonical)) != event.hash:
            yield Fault(chain, seq, "its bytes do not match its hash")
        if not _columns_match(event):
            yield Fault(chain, seq, "its columns do not match its bytes")
        prev = event.hash
    if head != (seq, prev):
        yield Fault(chain, seq, "the chain does not end where its head says")


def _columns_match(event: Event) -> bool:
    try:
        return _repeats(event, fields(event))
    except (ValueError, KeyError, TypeError):  # tampered bytes need not even be JSON
        return False


def _repeats(event: Event, body: dict[str, Any]) -> bool:
    actor_id = str(event.actor_id) if event.actor_id else None
    return (
        (event.chain, event.seq, event.prev) == (body["chain"], body["seq"], body["prev"])
        and (event.verb, event.request_id) == (body["verb"], body["request"])
        and (event.actor_kind, actor_id, event.actor_text)
        == (body["actor"]["kind"], body["actor"]["id"], body["actor"]["text"])
        and (event.target_type, event.target_id) == (body["target"]["type"], body["target"]["id"])
        and event.at == datetime.fromisoformat(body["at"])
    )
