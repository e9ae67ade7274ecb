"""Read calls of the SMS provisioning API: owned numbers, available numbers, order status."""

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
    read_nothing,
    read_number,
    read_numbers,
    read_order,
)
from genesys_cloud.tokens import Token, note_refused, token_for
from portal.http_client.destinations import Destination
from portal.http_client.errors import NotAllowed, OutboundError
from portal.http_client.messages import Bearer, Request, Secret

#: The API's limits: results per search, and letters or digits per vanity text.
FEWEST_RESULTS, MOST_RESULTS = 1, 100

SHORTEST_VANITY, LONGEST_VANITY = 4, 7


def list_tollfree(access: Access, *, token: Token | None = None, subject_id: UUID) -> list[TollfreeNumber]:
    """Return the numbers that this client can see, perhaps only those it bought. Raises OutboundError."""
    # The guide has a trailing slash, the vendor's SDK has none. Redirects are not followed, least of all with a token.
    request = api_request(access, "list toll-free numbers", "GET", "/tollfreenumbers")
    return exchange(access, request, read_numbers, token=token, subject_id=subject_id)


def available_tollfree(access: Access, *, count: int, vanity: str = "", subject_id: UUID) -> list[str]:
    """Return numbers that can be bought now, as digits: at most `count`, which is 1 to 100.

    `vanity` is empty, or 4 to 7 letters or digits. Raises OutboundError.
    """
    wanted = {"numberOfResults": str(count)} | ({"vanity": vanity} if vanity else {})
    request = api_request(access, "search toll-free numbers", "GET", f"/tollfreenumbers/available?{urlencode(wanted)}")
    return exchange(access, request, read_available, subject_id=subject_id)


def order_status(access: Access, order_id: str, *, subject_id: UUID) -> ProviderOrder:
    """Return the current state of an order. Raises OutboundError; NotFound also if the API has forgotten the order."""
    request = api_request(access, "look at the order", "GET", f"/orders/{quote(order_id, safe='')}")
    return exchange(access, request, read_order, subject_id=subject_id)


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
    return api_request(access, "order", "POST", "/tollfreenumbers", [each.json() for each in wanted])


@sensitive_variables()
def order_tollfree(access: Access, wanted: Sequence[WantedNumber], *, token: Token, subject_id: UUID) -> ProviderOrder:
    """BUY these numbers with one request, which is never repeated automatically, not even after a 401.

    The caller passes a valid token, so that every error raised here is about the order itself. Raises OutboundError; if
    its `unknown_outcome` is set, the numbers may have been bought.
    """
    return send_once(access, order_request(access, wanted), read_order, token=token, subject_id=subject_id)


def change_tollfree(access: Access, number: str, changes: Mapping[str, str], *, subject_id: UUID) -> TollfreeNumber:
    """Change `comment`, `owner`, `moUrl`, `drUrl` or `webhookUsername` of a number. Raises OutboundError."""
    request = api_request(access, "change the number", "PATCH", f"/tollfreenumbers/{number}", dict(changes))
    return exchange(access, request, read_number, subject_id=subject_id)


def release_tollfree(access: Access, number: str, *, subject_id: UUID) -> None:
    """Release a number. Raises OutboundError; NotFound means that the client does not have the number (any more).

    A normal return is no proof: check whether the number is still listed.
    """
    request = api_request(access, "release the number", "DELETE", f"/tollfreenumbers/{number}")
    exchange(access, request, read_nothing, subject_id=subject_id)


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
