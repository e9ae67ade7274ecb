"""CSV export of events: streamed, and safe to open in a spreadsheet."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from portal.audit.actors import Actor
from portal.audit.personal import Personal
from portal.audit.recording import Target, record
from portal.audit.transactions import atomic
from portal.audit.verbs import Verb
from portal.audit.verifier.verify import csv_line
from portal.history.event_rows import Line, lines
from portal.history.filters import EventFilter
from portal.history.search import Place, find
from portal.tenants.models import Tenant

_COLUMNS = (
    *("at", "tenant", "actor", "actor_kind", "verb", "target", "target_label", "changes", "reason"),
    *("request", "address", "chain", "seq", "previous_hash", "hash"),
)
_AT_ONCE = 500


@atomic
def record_download(actor: Actor, tenant: Tenant | None, filters: dict[str, str]) -> None:
    """Record who downloaded which events."""
    # The text of a search for a person is part of a name or an address.
    changes = {name: [None, Personal(text) if name == "person" else text] for name, text in filters.items()}
    target = Target("history", str(tenant.pk) if tenant else "all", tenant.name if tenant else "all that they may read")
    record(Verb.HISTORY_EXPORTED, target, actor, tenant_id=tenant.pk if tenant else None, changes=changes)


def csv_of(wanted: EventFilter, until: datetime) -> Iterator[bytes]:
    """Yield the CSV lines, newest event first; events recorded after `until` are not included."""
    yield csv_line(_COLUMNS)
    beyond: Place | None = None
    wanted = replace(wanted, until=min(wanted.until, until) if wanted.until else until)
    while True:
        found = find(wanted, _AT_ONCE, beyond)
        for line in lines(found.events):
            yield csv_line(["" if each is None else str(each) for each in _cells(line)])
        last = found.stopped_at or (found.events[-1] if len(found.events) == _AT_ONCE else None)
        if last is None:
            return
        beyond = (last.at, last.pk)


def _cells(line: Line) -> list[object]:
    changes = "; ".join(line.changes)
    return [
        *(line.at.isoformat(), line.tenant, line.actor, line.actor_kind, line.verb, line.target_key, line.target),
        *(changes, line.reason, line.request_id, line.address, line.chain, line.seq, line.prev, line.hash),
    ]
