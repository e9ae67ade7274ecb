"""Redis URL parsing: REDIS_URL in the forms that Celery, Django's cache and the health checks need."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from portal.settings.env import is_host, loses_its_password, user_and_password

FORMS = "redis://:password@host:6379/0, rediss://… (with TLS) or unix:///run/redis/redis.sock"


class Unusable(ValueError):
    """REDIS_URL cannot be used. The text completes a sentence that begins with REDIS_URL, and contains no password."""


@dataclass(frozen=True)
class RedisAddress:
    """The location of Redis and how to connect to it."""

    #: For redis-py.
    url: str = field(repr=False)
    #: For Celery, which spells socket URLs differently.
    broker_url: str = field(repr=False)
    #: TLS options for redis-py and Celery; certificates are always verified.
    tls: dict[str, Any]
    #: Whether access needs a password or a local socket, so that reaching the host is not enough.
    guarded: bool


def read_address(text: str, ca_file: str) -> RedisAddress:
    """Parse REDIS_URL and REDIS_CA_FILE; raises Unusable."""
    try:
        parts = urlsplit(text)
        port = 6379 if parts.port is None else parts.port
    except ValueError:
        raise Unusable(f"cannot be read; it must look like {FORMS}.") from None
    if parts.scheme not in {"redis", "rediss", "unix"}:
        raise Unusable(f"must look like {FORMS}. A Cluster and Sentinels cannot be used.")
    if loses_its_password(text):
        raise Unusable("has a password with / ? or # in it; write them as %2F, %3F and %23.")
    user, password = user_and_password(text)
    login = f"{quote(user, safe='')}:{quote(password, safe='')}@" if user or password else ""
    if ca_file and parts.scheme != "rediss":
        raise Unusable("must begin with rediss:// if REDIS_CA_FILE is set.")
    if parts.scheme == "unix":
        return _socket(unquote(parts.path), login, dict(parse_qsl(parts.query, keep_blank_values=True)))
    host = parts.netloc.rpartition("@")[2].removesuffix(f":{parts.port}")
    if not is_host(host) or host.startswith((".", "*")) or not port or parts.query or parts.fragment:
        raise Unusable(f"must name one host and nothing else, like {FORMS}. A Cluster and Sentinels cannot be used.")
    number = _database(parts.path.removeprefix("/") or "0")
    url = f"{parts.scheme}://{login}{host}:{port}/{number}"
    return RedisAddress(url, url, _tls(ca_file) if parts.scheme == "rediss" else {}, guarded=bool(password))


def _socket(path: str, login: str, options: dict[str, str]) -> RedisAddress:
    if not path.strip("/") or set(options) - {"db"}:
        raise Unusable(f"must name the path of a socket, and at most ?db=0 after it, like {FORMS}.")
    number, path = _database(options.get("db", "0")), quote(path)
    return RedisAddress(
        f"unix://{login}{path}?db={number}", f"redis+socket://{login}{path}?virtual_host={number}", {}, guarded=True
    )


def _database(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 6):  # noqa: PLR2004 - Redis has 16 databases or a few more
        raise Unusable("must end with the number of a database, like /0.")
    return int(text)


def _tls(ca_file: str) -> dict[str, Any]:
    checked = {"ssl_cert_reqs": "required", "ssl_check_hostname": True}
    return checked | ({"ssl_ca_certs": ca_file} if ca_file else {})
