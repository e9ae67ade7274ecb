"""What can be set in Genesys Cloud. None of it is known of the real one but the words in the comments."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from portal.sandbox.settings import TEXT, WORDS, number, one_of, optional, setting, whole

# At one of these words the numbers of an order are no longer the client's.
FAILED: Final = frozenset({"FAILED", "REJECTED", "CANCELLED"})


@dataclass(frozen=True)
class GenesysCloudSettings:
    """All of them can be changed at any time, and hold for what happened before as well.

    An order's status is the first of `order_words`, and the next after each `order_step_seconds`; with 0 seconds it is
    the last one at once. So `["PENDING"]` is stuck, `["PENDING", "COMPLETED"]` with 5 completes after 5 seconds, and
    any other word is one that nobody has heard of.
    """

    expires_in: int = setting(86_400, whole())  # seconds that a new token lasts
    invalid_client: str = setting("json", one_of("json", "html"))
    invalid_client_status: int = setting(401, one_of(400, 401))
    rate_limit: int | None = setting(None, optional(whole(1)))  # API requests of one token in each window
    token_rate_limit: int | None = setting(None, optional(whole(1)))  # token requests of one client in each window
    rate_window_seconds: float = setting(60, number())
    login_host: str | None = setting(None, optional(TEXT))
    api_host: str | None = setting(None, optional(TEXT))
    seed: int = setting(0, whole())  # which numbers can be bought
    pool_size: int = setting(1_000, whole())  # how many, at most
    list_lag_seconds: float = setting(0, number())  # after this a bought number shows in the list
    list_scope: str = setting("client", one_of("client", "organization"))  # whose purchases a client sees
    order_words: Sequence[str] = setting(("COMPLETED",), WORDS)
    order_step_seconds: float = setting(0, number())
    gone_status: int = setting(409, one_of(400, 409))  # for a number that cannot be bought any more
    repeat: str = setting("refuse", one_of("refuse", "accept"))  # buying one's own number again: accept charges again
