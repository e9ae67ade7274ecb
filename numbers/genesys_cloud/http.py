"""Logged HTTP call whose response may contain new secrets, such as a token or an API key."""

from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID

from django.db import transaction
from django.views.decorators.debug import sensitive_variables

from portal.audit.context import current
from portal.core.logging import redaction
from portal.http_client.call_log import close_with_line, open_call
from portal.http_client.errors import OutboundError
from portal.http_client.messages import Answer, Basic, Request
from portal.http_client.rendering import header_to_send
from portal.http_client.send import send

Found = TypeVar("Found")
#: Parses a response: returns the result, and the secrets in it by name. Raises OutboundError if it is unusable.
Reader = Callable[[Answer], tuple[Found, dict[str, str]]]


@sensitive_variables()
def call(request: Request, secrets: dict[str, str], read: Reader[Found], *, tenant_id: UUID, subject_id: UUID) -> Found:
    """Send a request, parse the response and write the call log row, with new secrets masked. Raises OutboundError.

    A response that cannot be parsed counts as the error that `read` raises. Call it with no transaction open.
    """
    with transaction.atomic(durable=True):
        row = open_call(request, tenant_id=tenant_id, subject_id=subject_id, request_id=current().request_id)
    outcome: Answer | OutboundError
    found: Any = None
    new: dict[str, str] = {}
    try:
        outcome = send(request, secrets)
        found, new = read(outcome)
        redaction.remember_secret(new)
    except OutboundError as error:
        error.purpose = request.purpose
        outcome = error
    close_with_line(row, outcome, secrets | new | _basic(request, secrets))
    if isinstance(outcome, OutboundError):
        raise outcome
    wanted: Found = found
    return wanted


@sensitive_variables()
def _basic(request: Request, secrets: dict[str, str]) -> dict[str, str]:
    """Return the HTTP Basic encoding of the secrets, which a response may repeat and so must be masked too."""
    value = next((value for value in request.headers.values() if isinstance(value, Basic)), None)
    if value is None:
        return {}
    return {"authorization": header_to_send(value, lambda secret: secrets.get(secret.name, "")).removeprefix("Basic ")}
