"""Redis, for the queue and the cache: address, TLS and the prefix of all keys."""

import re

from portal.settings.env import env
from portal.settings.redis_address import Unusable, read_address

_LOCAL_REDIS = "redis://127.0.0.1:6379/0"
REDIS_CA_FILE = env.certificates("REDIS_CA_FILE")
try:
    address = read_address(env.str("REDIS_URL", default="") or _LOCAL_REDIS, REDIS_CA_FILE)
except Unusable as unusable:
    env.refuse(f"REDIS_URL {unusable}")
    address = read_address(_LOCAL_REDIS, "")
REDIS_URL, REDIS_TLS = address.url, address.tls
QUEUE_PREFIX = env.str("QUEUE_PREFIX", default="")
if not re.fullmatch(r"[\w.:-]*", QUEUE_PREFIX, re.ASCII):
    env.refuse(f"QUEUE_PREFIX is {QUEUE_PREFIX!r}; it must hold only letters, digits and the signs . : - _")

CACHES = {
    "default": {
        "BACKEND": "portal.core.redis.signed_cache.SignedRedisCache",
        "LOCATION": [REDIS_URL],  # a list: Django would part a text at commas, which a password may hold
        "KEY_PREFIX": QUEUE_PREFIX,
        # A page answers within a second, also when Redis does not.
        "OPTIONS": {"socket_connect_timeout": 0.4, "socket_timeout": 0.4, **REDIS_TLS},
    },
}
