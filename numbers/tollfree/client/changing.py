"""Write calls of the SMS provisioning API: order, change and release toll-free numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.views.decorators.debug import sensitive_variables

from portal.outbound.messages import Request
from tollfree.access import Access
from tollfree.client.answers import ProviderOrder, TollfreeNumber, read_nothing, read_number, read_order
from tollfree.client.sending import api_request, exchange, send_once
from tollfree.tokens import Token


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
