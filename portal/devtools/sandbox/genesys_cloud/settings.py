"""Settings of Genesys Cloud. How the real one behaves in these respects is unknown."""

import math
import time
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Final

from portal.devtools.sandbox.settings import TEXT, WORDS, number, one_of, optional, setting, whole

# With one of these words the client does not own the numbers of the order.
FAILED: Final = frozenset({"FAILED", "REJECTED", "CANCELLED"})


@dataclass(frozen=True)
class GenesysCloudSettings:
    """All settings can be changed at any time, and also apply to what happened before.

    An order starts with the first of `order_words` and moves to the next after each `order_step_seconds`; with 0
    seconds it has the last word at once. So `["PENDING"]` is stuck, `["PENDING", "COMPLETED"]` with 5 completes after 5
    seconds, and any other word simulates an unknown status.
    """

    expires_in: int = setting(86_400, whole())  # lifetime of a new token in seconds
    invalid_client: str = setting("json", one_of("json", "html"))
    invalid_client_status: int = setting(401, one_of(400, 401))
    rate_limit: int | None = setting(None, optional(whole(1)))  # API requests of one token per window
    token_rate_limit: int | None = setting(None, optional(whole(1)))  # token requests of one client per window
    rate_window_seconds: float = setting(60, number())
    login_host: str | None = setting(None, optional(TEXT))
    api_host: str | None = setting(None, optional(TEXT))
    seed: int = setting(0, whole())  # determines the available numbers
    pool_size: int = setting(1_000, whole())  # the most numbers that are available
    list_lag_seconds: float = setting(0, number())  # delay until a bought number is in the list
    list_scope: str = setting("client", one_of("client", "organization"))  # whose purchases a client sees
    order_words: Sequence[str] = setting(("COMPLETED",), WORDS)
    order_step_seconds: float = setting(0, number())
    gone_status: int = setting(409, one_of(400, 409))  # for a number that is no longer available
    repeat: str = setting("refuse", one_of("refuse", "accept"))  # buying one's own number again; accept charges again


class Windows:
    """One window for each key."""

    def __init__(self) -> None:
        self._windows: dict[Hashable, tuple[float, int]] = {}

    def forget(self) -> None:
        """Empty all windows."""
        self._windows.clear()

    def wait(self, key: Hashable, limit: int | None, seconds: float) -> int | None:
        """Count one request: None if it may pass, else the whole seconds until the window ends."""
        if limit is None:
            return None
        now = time.monotonic()
        began, count = self._windows.get(key, (now, 0))
        if now - began >= seconds:
            began, count = now, 0
        self._windows[key] = (began, count + 1)
        return max(1, math.ceil(began + seconds - now)) if count >= limit else None
