"""The client of the SMS provisioning API: what it asks for, and the two ways to send it.

Looks and changes go out with `_send_with_token`, which renews the token and tries again after a 401. Requests that buy
a number or give one back go out with `send_once`, from the workers that write down before and after what they send.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode
from uuid import UUID

from django.views.decorators.debug import sensitive_variables

from genesys_cloud.access import Access
from genesys_cloud.http import Found, Reader, call
from genesys_cloud.responses import (
    ProviderOrder,
    TollfreeNumber,
    read_available,
    read_number,
    read_numbers,
    read_order,
)
from genesys_cloud.tokens import Token, forget_token, note_refused, token_for
from portal.http_client.destinations import Destination
from portal.http_client.errors import NotAllowed, OutboundError
from portal.http_client.messages import Answer, Bearer, Request, Secret
from portal.http_client.send import send

#: The API's limits: results per search, and letters or digits per vanity text.
FEWEST_RESULTS, MOST_RESULTS = 1, 100

SHORTEST_VANITY, LONGEST_VANITY = 4, 7


def list_tollfree(access: Access, *, token: Token | None = None, subject_id: UUID) -> list[TollfreeNumber]:
    """Return the numbers that this client can see, perhaps only those it bought. Raises OutboundError."""
    # The guide has a trailing slash, the vendor's SDK has none. Redirects are not followed, least of all with a token.
    request = _api_request(access, "list toll-free numbers", "GET", "/tollfreenumbers")
    return _send_with_token(access, request, read_numbers, token=token, subject_id=subject_id)


def available_tollfree(access: Access, *, count: int, vanity: str = "", subject_id: UUID) -> list[str]:
    """Return numbers that can be bought now, as digits: at most `count`, which is 1 to 100.

    `vanity` is empty, or 4 to 7 letters or digits. Raises OutboundError.
    """
    wanted = {"numberOfResults": str(count)} | ({"vanity": vanity} if vanity else {})
    request = _api_request(access, "search toll-free numbers", "GET", f"/tollfreenumbers/available?{urlencode(wanted)}")
    return _send_with_token(access, request, read_available, subject_id=subject_id)


def order_status(access: Access, order_id: str, *, subject_id: UUID) -> ProviderOrder:
    """Return the current state of an order. Raises OutboundError; NotFound also if the API has forgotten the order."""
    request = _api_request(access, "look at the order", "GET", f"/orders/{quote(order_id, safe='')}")
    return _send_with_token(access, request, read_order, subject_id=subject_id)


@dataclass(frozen=True)
class WantedNumber:
    """A number to order; comment and e-mail address may be empty."""

    number: str
    comment: str = ""
    email: str = ""

    def json(self) -> dict[str, str]:
        """Return the number in the API's format."""
        more = {"comment": self.comment, "emailAddress": self.email}
        return {"tollfreeNumber": self.number} | {name: value for name, value in more.items() if value}


def order_request(access: Access, wanted: Sequence[WantedNumber]) -> Request:
    """Return the request that buys these numbers; its body is a list even for one number."""
    return _api_request(access, "order", "POST", "/tollfreenumbers", [each.json() for each in wanted])


def release_request(access: Access, number: str) -> Request:
    """Return the request that gives a number back. Its answer is no proof: check whether the number is still listed."""
    return _api_request(access, "release the number", "DELETE", f"/tollfreenumbers/{number}")


def change_tollfree(access: Access, number: str, changes: Mapping[str, str], *, subject_id: UUID) -> TollfreeNumber:
    """Change `comment`, `owner`, `moUrl`, `drUrl` or `webhookUsername` of a number. Raises OutboundError."""
    request = _api_request(access, "change the number", "PATCH", f"/tollfreenumbers/{number}", dict(changes))
    return _send_with_token(access, request, read_number, subject_id=subject_id)


_BASE = "/api/v2/messaging/sms/provisioning"

_UNAUTHORIZED, _FORBIDDEN = 401, 403


def _api_request(access: Access, purpose: str, method: str, path: str, json: Any = None) -> Request:
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
def _send_with_token(
    access: Access, request: Request, read: Reader[Found], *, token: Token | None = None, subject_id: UUID
) -> Found:
    """Send a request with the client's token, as a call of its own; after a 401, once more with a new token.

    The retry is safe, because a request that gets a 401 was not carried out. Raises OutboundError.
    """
    token = token or token_for(access, subject_id=subject_id)
    try:
        return _call(access, request, read, token=token, subject_id=subject_id)
    except NotAllowed as error:
        if _status(error) != _UNAUTHORIZED:
            raise
    token = token_for(access, instead_of=token.serial, subject_id=subject_id)
    return _call(access, request, read, token=token, subject_id=subject_id)


@sensitive_variables()
def _call(access: Access, request: Request, read: Reader[Found], *, token: Token, subject_id: UUID) -> Found:
    """Send a request with this token, and remember the token as refused after a 403."""
    try:
        return call(request, token.secrets, read, tenant_id=access.tenant_id, subject_id=subject_id)
    except OutboundError as error:
        if _status(error) == _FORBIDDEN:
            note_refused(token)
        raise


@sensitive_variables()
def send_once(request: Request, token: Token) -> Answer | OutboundError:
    """Send a request exactly once and return the answer or the error. Only here the portal buys or gives back numbers.

    Nothing repeats it, not even after a 401. The caller has written what it will send, and writes what came of it:
    the call, and `note_answer`.
    """
    try:
        return send(request, token.secrets)
    except OutboundError as error:
        return error


def note_answer(access: Access, token: Token, outcome: Answer | OutboundError) -> None:
    """Forget a token that got a 401, remember one that got a 403 as refused; for `send_once`, in a transaction."""
    status = _status(outcome)
    if status == _UNAUTHORIZED:
        forget_token(access)
    elif status == _FORBIDDEN:
        note_refused(token)


def _status(outcome: Answer | OutboundError) -> int | None:
    answer = outcome.answer if isinstance(outcome, OutboundError) else outcome
    return answer.status if answer else None
