"""Rate limits: a number of requests in each fixed window, which starts with its first request."""

import math
import time
from collections.abc import Hashable


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
