"""What the history says of the requests that left."""

from collections import defaultdict
from typing import Any

from portal.audit.event_lookup import fields
from portal.audit.models import Event
from portal.http_client.models import Call


def verbs_of_calls() -> list[tuple[str, list[str]]]:
    """Each request by its purpose, the oldest first, with the verbs of the lines that name it."""
    told = defaultdict[int, list[str]](list)
    for event in Event.objects.order_by("pk"):
        _, call_id = fields(event)["changes"].get("request", (None, None))
        if call_id is not None:
            told[call_id].append(event.verb)
    return [(call.purpose, told[call.pk]) for call in Call.objects.order_by("pk")]


def changes_of(verb: str) -> dict[str, Any]:
    """What the newest line of this verb says changed, each field from what to what."""
    changes: dict[str, Any] = fields(Event.objects.filter(verb=verb).latest("pk"))["changes"]
    return changes
