"""Client of Genesys Cloud's SMS provisioning API. Today it lists; search, order, change and delete take the same way.

An answer's fields that are not known here are kept beside those that are: the vendor adds some without a word.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self
from uuid import UUID

from django.views.decorators.debug import sensitive_variables

from portal.outbound.destinations import Destination
from portal.outbound.errors import NotAllowed, OutboundError, Unreadable
from portal.outbound.messages import Answer, Bearer, Request, Secret
from tollfree.access import Access
from tollfree.calling import Found, Reader, call
from tollfree.tokens import Token, note_refused, token_for

_BASE = "/api/v2/messaging/sms/provisioning"
_UNAUTHORIZED, _FORBIDDEN = 401, 403


@dataclass(frozen=True)
class TollfreeNumber:
    """A number that was purchased or registered; `number` is in international format without +, `more` all the rest."""

    number: str
    status: str
    owner: str
    comment: str
    more: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def read(cls, entity: Mapping[str, Any]) -> Self:
        """Read one entity of the list; raises KeyError without a number."""
        known = {"tollfreeNumber", "status", "owner", "comment"}
        return cls(
            number=str(entity["tollfreeNumber"]).removeprefix("+"),
            status=_text(entity.get("status")),
            owner=_text(entity.get("owner")),
            comment=_text(entity.get("comment")),
            more={name: value for name, value in entity.items() if name not in known},
        )


def list_tollfree(access: Access, *, token: Token | None = None, subject_id: UUID) -> list[TollfreeNumber]:
    """Return the numbers that this client sees: perhaps only those that it bought. Raises OutboundError."""
    # The guide writes a trailing slash, the vendor's SDK none; a redirect would not be followed, least with a token.
    request = _request(access, "list toll-free numbers", "GET", "/tollfreenumbers")
    return _exchange(access, request, _read_list, token=token, subject_id=subject_id)


def _request(access: Access, purpose: str, method: str, path: str, json: Any = None) -> Request:
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
def _exchange(
    access: Access, request: Request, read: Reader[Found], *, token: Token | None = None, subject_id: UUID
) -> Found:
    """Send with the client's token; after a 401 once more with a new one. Nothing was carried out with a 401."""
    token = token or token_for(access, subject_id=subject_id)
    try:
        return _with(token, request, read, access, subject_id)
    except NotAllowed as error:
        if error.answer is None or error.answer.status != _UNAUTHORIZED:
            raise
    token = token_for(access, instead_of=token.serial, subject_id=subject_id)
    return _with(token, request, read, access, subject_id)


@sensitive_variables()
def _with(token: Token, request: Request, read: Reader[Found], access: Access, subject_id: UUID) -> Found:
    secrets = {"access_token": token.value}
    try:
        return call(request, secrets, read, tenant_id=access.tenant_id, subject_id=subject_id)
    except OutboundError as error:
        if error.answer is not None and error.answer.status == _FORBIDDEN:
            note_refused(token)
        raise


def _read_list(answer: Answer) -> tuple[list[TollfreeNumber], dict[str, str]]:
    body = answer.json()
    entities = body.get("entities") if isinstance(body, dict) else None
    if not isinstance(entities, list) or not all(
        isinstance(each, dict) and "tollfreeNumber" in each for each in entities
    ):
        raise Unreadable(answer.host, answer=answer)
    return [TollfreeNumber.read(each) for each in entities if isinstance(each, dict)], {}


def _text(value: object) -> str:
    """Return a plain value as text; of a reference to another object its name, or its id."""
    if isinstance(value, dict):
        return _text(value.get("name") or value.get("id"))
    return "" if value is None else str(value)
