"""Client for the controls of Genesys Cloud: `Control(url).genesys_cloud`."""

from collections.abc import Callable, Sequence
from typing import Any, Literal, TypedDict, Unpack


class GenesysCloudChanges(TypedDict, total=False):
    """Arguments of `settings`; see `GenesysCloudSettings`."""

    expires_in: int
    invalid_client: Literal["json", "html"]
    invalid_client_status: Literal[400, 401]
    rate_limit: int | None
    token_rate_limit: int | None
    rate_window_seconds: float
    login_host: str | None
    api_host: str | None
    seed: int
    pool_size: int
    list_lag_seconds: float
    list_scope: Literal["client", "organization"]
    order_words: list[str]
    order_step_seconds: float
    gone_status: Literal[400, 409]
    repeat: Literal["refuse", "accept"]


class GenesysCloudControl:
    """Controls Genesys Cloud. Where `client_id` is omitted, the demo's client is meant."""

    def __init__(self, post: Callable[[str, object], Any]) -> None:
        self._post = post

    def settings(self, **changes: Unpack[GenesysCloudChanges]) -> dict[str, Any]:
        """Change settings, if any are given, and return them all."""
        return dict(self._post("settings", {"genesys_cloud": changes})["genesys_cloud"])

    def create_client(
        self,
        *,
        client_id: str | None = None,
        secret: str | None = None,
        permissions: Sequence[str] | None = None,
        organization: str | None = None,
    ) -> dict[str, Any]:
        """Create a client, by default with all permissions; return client_id, secret, permissions, created_at."""
        given = {"client_id": client_id, "secret": secret, "organization": organization}
        wanted = None if permissions is None else list(permissions)
        return dict(self._call("create_client", **given, permissions=wanted))

    def clients(self) -> list[dict[str, Any]]:
        """Return all clients."""
        return list(self._call("clients"))

    def delete_client(self, client_id: str | None = None) -> None:
        """Delete a client; its tokens become invalid."""
        self._call("delete_client", client_id=client_id)

    def grant(self, *permissions: str, client_id: str | None = None) -> None:
        """Grant permissions; existing tokens do not gain them."""
        self._call("grant", client_id=client_id, permissions=list(permissions))

    def revoke(self, *permissions: str, client_id: str | None = None) -> None:
        """Revoke permissions, from existing tokens as well."""
        self._call("revoke", client_id=client_id, permissions=list(permissions))

    def expire_tokens(self, client_id: str | None = None) -> int:
        """Revoke one client's tokens, or all, and return how many there were. The next request gets a 401."""
        return int(self._call("expire_tokens", client_id=client_id)["expired"])

    def numbers(self) -> list[dict[str, Any]]:
        """Return all owned numbers: as the API shows them, with client_id and order_id."""
        return list(self._call("numbers"))

    def put_number(self, number: str, *, client_id: str | None = None, comment: str = "") -> None:
        """Give a client this number without a purchase."""
        self._call("put_number", number=number, client_id=client_id, comment=comment)

    def lose_number(self, number: str) -> None:
        """Take the number away from its owner, so that it cannot be bought either."""
        self._call("lose_number", number=number)

    def take(self, number: str) -> None:
        """Let somebody else have bought the number."""
        self._call("take", number=number)

    def free(self, number: str) -> None:
        """Make a number available that was taken or released."""
        self._call("free", number=number)

    def offer(self, *numbers: str) -> None:
        """Put these numbers first in every search that they match."""
        self._call("offer", numbers=list(numbers))

    def orders(self) -> list[dict[str, Any]]:
        """Return all orders: as the API shows them, with client_id."""
        return list(self._call("orders"))

    def set_order(self, order_id: str, word: str | None) -> None:
        """Fix an order's status word; None lets it progress again."""
        self._call("set_order", order_id=order_id, word=word)

    def forget_order(self, order_id: str) -> None:
        """Make an order unknown; its numbers stay with their owner."""
        self._call("forget_order", order_id=order_id)

    def _call(self, name: str, **given: object) -> Any:
        known = {key: value for key, value in given.items() if value is not None}
        return self._post(f"genesys_cloud/{name}", known)
