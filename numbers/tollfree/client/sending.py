"""API requests to Genesys Cloud: builds a request, sends it with the client's token, retries once after a 401."""

from typing import Any
from uuid import UUID

from django.views.decorators.debug import sensitive_variables

from portal.outbound.destinations import Destination
from portal.outbound.errors import NotAllowed, OutboundError
from portal.outbound.messages import Bearer, Request, Secret
from tollfree.access import Access
from tollfree.calling import Found, Reader, call
from tollfree.tokens import Token, note_refused, token_for

_BASE = "/api/v2/messaging/sms/provisioning"
_UNAUTHORIZED, _FORBIDDEN = 401, 403


def api_request(access: Access, purpose: str, method: str, path: str, json: Any = None) -> Request:
    """Return an API request; a marker in its header stands for the token."""
    return Request(
        destination=Destination.GENESYS_CLOUD,
        purpose=purpose,
        method=method,
        url=f"{access.api_url}{_BASE}{path}",
        headers={"Authorization": Bearer(Secret("access_token")), "Accept": "application/json"},
        json=json,
        variables=access.variables,
    )


@sensitive_variables()
def exchange(
    access: Access, request: Request, read: Reader[Found], *, token: Token | None = None, subject_id: UUID
) -> Found:
    """Send a request with the client's token; after a 401, once more with a new token.

    The retry is safe, because a request that gets a 401 was not carried out.
    """
    token = token or token_for(access, subject_id=subject_id)
    try:
        return send_once(access, request, read, token=token, subject_id=subject_id)
    except NotAllowed as error:
        if error.answer is None or error.answer.status != _UNAUTHORIZED:
            raise
    token = token_for(access, instead_of=token.serial, subject_id=subject_id)
    return send_once(access, request, read, token=token, subject_id=subject_id)


@sensitive_variables()
def send_once(access: Access, request: Request, read: Reader[Found], *, token: Token, subject_id: UUID) -> Found:
    """Send a request exactly once, and remember the token as refused after a 403."""
    secrets = {"access_token": token.value}
    try:
        return call(request, secrets, read, tenant_id=access.tenant_id, subject_id=subject_id)
    except OutboundError as error:
        if error.answer is not None and error.answer.status == _FORBIDDEN:
            note_refused(token)
        raise
