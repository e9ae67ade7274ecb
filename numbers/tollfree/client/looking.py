"""Read calls of the SMS provisioning API: owned numbers, available numbers, order status."""

from urllib.parse import quote, urlencode
from uuid import UUID

from tollfree.access import Access
from tollfree.client.answers import ProviderOrder, TollfreeNumber, read_available, read_numbers, read_order
from tollfree.client.sending import api_request, exchange
from tollfree.tokens import Token

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
