"""Django cache backend for Redis with signed values: only the portal can have written a value that is read.

Django pickles cached values, so anybody who can write to Redis could run code in every web process. Here a value is
JSON, signed with SECRET_KEY for its cache key, and contains its expiry time. Anything else (unsigned, signed for
another key, expired, too large, not a string) counts as absent, and the next value replaces it.
"""

import logging
import time
from typing import Any, cast

from django.core import signing
from django.core.cache.backends.base import BaseCache
from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from redis.exceptions import ResponseError

log = logging.getLogger(__name__)

#: More than our longest value: a list of a few dozen times.
MOST_BYTES = 64 * 1024
_SALT = "portal.core.redis.signed_cache:"
_ABSENT = object()


class SignedCacheClient(RedisCacheClient):
    """Reads signed values only; a value without a timeout never expires."""

    def add(self, key: Any, value: Any, timeout: Any) -> bool:
        """Set the value unless a valid one exists; return whether it was set."""
        if self._set(key, value, timeout, only_if_absent=True):
            return True
        if self._read(key) is not _ABSENT:
            return False
        self.delete(key)
        return self._set(key, value, timeout, only_if_absent=True)

    def get(self, key: Any, default: Any) -> Any:
        """Return the value, or `default`."""
        value = self._read(key)
        return default if value is _ABSENT else value

    def set(self, key: Any, value: Any, timeout: Any) -> None:
        """Set the value, and replace anything that is there."""
        if timeout == 0:
            self.delete(key)
        else:
            self._set(key, value, timeout, only_if_absent=False)

    def touch(self, key: Any, timeout: Any) -> bool:
        """Set a new timeout for a valid value; return whether there is one."""
        value = self._read(key)
        if value is _ABSENT:
            return False
        self.set(key, value, timeout)
        return True

    def _set(self, key: str, value: Any, timeout: int | None, *, only_if_absent: bool) -> bool:
        until = None if timeout is None else time.time() + timeout
        text = signing.dumps([until, value], salt=_SALT + key)
        client = self.get_client(key, write=True)
        return bool(client.set(key, text, ex=timeout or None, nx=only_if_absent))

    def _read(self, key: str) -> Any:
        """Return the value, or `_ABSENT`."""
        text = self._text(key)
        if not text:
            return _ABSENT
        try:
            until, value = signing.loads(text.decode("ascii"), salt=_SALT + key)
        except (signing.BadSignature, ValueError):
            log.warning("a value in Redis was not written by this portal, and counts as absent")
            return _ABSENT
        return value if until is None or time.time() < until else _ABSENT

    def _text(self, key: str) -> bytes:
        """Return the stored text; fetches one byte more than the limit at most."""
        try:
            text = cast("bytes", self.get_client(key).getrange(key, 0, MOST_BYTES))
        except ResponseError as error:
            if not str(error).startswith("WRONGTYPE"):
                raise
            text = b"of another type"
        return text if len(text) <= MOST_BYTES else b"too large"


class SignedRedisCache(RedisCache):
    """The cache backend for CACHES. It stores single values; Django's commands for several fall back on these."""

    def __init__(self, server: Any, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = SignedCacheClient

    get_many = BaseCache.get_many
    set_many = BaseCache.set_many
    has_key = BaseCache.has_key
    incr = BaseCache.incr
