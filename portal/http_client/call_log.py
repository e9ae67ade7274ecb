"""Call log: a row for each outbound request, opened before it is sent and closed with its outcome."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from portal.audit.actors import SYSTEM
from portal.audit.recording import Target, record
from portal.audit.transactions import atomic
from portal.audit.verbs import Verb
from portal.core.db import fast_sql
from portal.core.logging.encodings import Mask, body_text
from portal.http_client import rendering
from portal.http_client.errors import OutboundError
from portal.http_client.models import Call
from portal.http_client.send import send

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from typing import Any
    from uuid import UUID

    from portal.http_client.messages import Answer, Request


def open_call(
    request: Request,
    *,
    tenant_id: UUID | None,
    subject_id: UUID | None,
    request_id: str = "",
    now: datetime | None = None,
) -> Call:
    """INSERT the row, in the caller's transaction; committed before the request is sent, it is evidence."""
    headers = rendering.headers_of(request)
    call = Call(
        tenant_id=tenant_id,
        subject_id=subject_id,
        request_id=request_id,
        destination=request.destination,
        purpose=request.purpose,
        method=request.method,
        url=request.url,
        request_headers={name: rendering.header_twin(value) for name, value in headers.items()},
        request_body=rendering.body_twin(request),
        sent_at=now or timezone.now(),
    )
    fast_sql.insert(call)
    return call


def _answer_fields(answer: Answer | None, mask: Mask) -> dict[str, Any]:
    if answer is None:
        return {}
    return {
        "status": answer.status,
        "answer_headers": mask.headers(answer.headers),
        "answer_body": mask.text(body_text(answer.body, answer.headers.get("content-type", ""))),
        "correlation_id": mask.text(answer.correlation_id)[:128],
    }


def _error_fields(outcome: Answer | OutboundError) -> dict[str, str]:
    if isinstance(outcome, OutboundError):
        return {"error_code": outcome.code, "sentence": outcome.sentence}
    return {}


_ANSWER = (
    *("status", "answer_headers", "answer_body", "correlation_id"),
    *("error_code", "sentence", "duration_ms", "finished_at"),
)


@sensitive_variables()
def take_answer(call: Call, outcome: Answer | OutboundError, secrets: Mapping[str, str]) -> None:
    """Set the outcome on `call`, in memory; the values of `secrets` are redacted in the response.

    Pass every secret that the response may contain: those that were sent, and those just received (a new token).
    """
    answer = outcome.answer if isinstance(outcome, OutboundError) else outcome
    fields = _answer_fields(answer, Mask(secrets)) | _error_fields(outcome)
    for name, value in fields.items():
        setattr(call, name, value)
    call.duration_ms, call.finished_at = outcome.duration_ms, timezone.now()


def write_answer(call: Call) -> None:
    """UPDATE the row with the outcome from `take_answer`, in the caller's transaction; a closed row stays as it is."""
    fast_sql.update_deferred(Call, {name: getattr(call, name) for name in _ANSWER}, pk=call.pk, finished_at=None)


@sensitive_variables()
def close_call(call: Call, outcome: Answer | OutboundError, secrets: Mapping[str, str]) -> None:
    """Do both: set the outcome and UPDATE the row, in the caller's transaction."""
    take_answer(call, outcome, secrets)
    write_answer(call)


@sensitive_variables()
@atomic
def close_with_line(call: Call, outcome: Answer | OutboundError, secrets: Mapping[str, str]) -> None:
    """Close the row of a stand-alone call, and record an event for it.

    The calls of a set-up have none of their own: the events of its steps name them.
    """
    close_call(call, outcome, secrets)
    tell_of(call)


def tell_of(call: Call) -> None:
    """Record an event for a closed call that no other event names, in the caller's transaction."""
    changes = facts_of(call) | {"address": [None, f"{call.method} {call.url}"]}
    target = Target("call", str(call.pk), call.purpose)
    record(Verb.CALL_MADE, target, SYSTEM, tenant_id=call.tenant_id, changes=changes, reason=call.sentence)


def facts_of(call: Call) -> dict[str, list[Any]]:
    """Return what an event records of a closed call: its row, status and correlation id."""
    facts = {"request": call.pk, "status": call.status, "correlation id": call.correlation_id or None}
    return {name: [None, value] for name, value in facts.items() if value is not None}


@sensitive_variables()
def exchange(
    request: Request,
    secrets: Mapping[str, str],
    *,
    tenant_id: UUID | None,
    subject_id: UUID | None,
    request_id: str = "",
) -> Answer:
    """Open the row, send, close the row. Returns the response or raises the OutboundError, which is also stored.

    Raises RuntimeError inside a transaction: that would stay open during the HTTP call, and a rollback would lose the
    row.
    """
    with transaction.atomic(durable=True):
        call = open_call(request, tenant_id=tenant_id, subject_id=subject_id, request_id=request_id)
    try:
        answer = send(request, secrets)
    except OutboundError as error:
        close_with_line(call, error, secrets)
        raise
    close_with_line(call, answer, secrets)
    return answer
