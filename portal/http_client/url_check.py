"""URL validation: form, scheme and host of a URL, without DNS; addresses are checked when connecting.

It is strict on purpose. URL parsers differ on backslashes, `user@`, control characters, fullwidth digits and
number-like hosts, and each difference can bypass a filter. Unusual URLs are refused with a message that says what to
do.
"""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

from portal.http_client import address_policy
from portal.http_client.destinations import Destination
from portal.http_client.errors import UrlRefused

if TYPE_CHECKING:
    from portal.http_client.address_policy import Address

_LONGEST_URL = 2000
_LONGEST_HOST = 253
# RFC 3986 without what only confuses: brackets are allowed in the host only.
_ALLOWED = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+")
_BAD_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_NUMBER_LIKE = re.compile(r"(?:[0-9]+|0x[0-9a-f]*)")
_DOT_SEGMENT = re.compile(r"/(?:\.|%2e){1,2}(?:/|$)", re.IGNORECASE)
_PORTS = range(1, 65536)


class Target(NamedTuple):
    """A valid URL in parts. `host` is lower case and without brackets."""

    scheme: str
    host: str
    port: int
    path: str


def literal(host: str) -> Address | None:
    """The IP address if `host` is one in its usual form, else None (names, and unusual forms such as 127.1)."""
    kind = IPv6Address if ":" in host else IPv4Address
    try:
        return kind(host)
    except ValueError:
        return None


def _split(url: str) -> tuple[SplitResult, int | None]:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise UrlRefused(detail="Enter a complete address such as https://host.example/path.") from None
    return parts, port


def _check_characters(url: str) -> None:
    if not url or len(url) > _LONGEST_URL:
        raise UrlRefused(detail=f"Enter an address of 1 to {_LONGEST_URL} characters.")
    if not _ALLOWED.fullmatch(url) or _BAD_PERCENT.search(url):
        raise UrlRefused(
            detail="The address holds a space, backslash, non-English letter or other character not "
            "allowed there. Write such characters as %XX, and names of hosts in their xn-- form."
        )


def _check_parts(parts: SplitResult) -> None:
    if "@" in parts.netloc:
        raise UrlRefused(detail="Enter the address without user name and password; they have fields of their own.")
    if parts.fragment or _DOT_SEGMENT.search(parts.path) or "[" in parts.path + parts.query:
        raise UrlRefused(detail="Enter the address without #, [ ] and without /./ or /../ in its path.")


def _check_host(host: str) -> None:
    if literal(host) is not None and "%" not in host:
        return
    labels = host.split(".")
    if len(host) > _LONGEST_HOST or not all(_LABEL.fullmatch(label) for label in labels):
        raise UrlRefused(
            detail="The host in the address is not a valid name. Write it like nexus.example.com, "
            "with no dot at the end."
        )
    if _NUMBER_LIKE.fullmatch(labels[-1]):
        raise UrlRefused(detail="Write an IP address as four plain decimal numbers, like 192.0.2.10.")


def is_loopback_name(host: str) -> bool:
    """Whether the host is this machine, judged by its form."""
    address = literal(host)
    return (address is not None and address.is_loopback) or host == "localhost" or host.endswith(".localhost")


def _check_scheme(destination: Destination, scheme: str, host: str) -> None:
    if scheme == "https" or (scheme == "http" and destination == Destination.NEXUS):
        return
    loopback = settings.OUTBOUND_ALLOW_LOOPBACK or settings.OUTBOUND_LOOPBACK_ONLY
    if not (scheme == "http" and loopback and is_loopback_name(host)):
        schemes = "http:// or https://" if destination == Destination.NEXUS else "https://"
        raise UrlRefused(detail=f"The address must begin with {schemes}.")


def check_url(destination: Destination, url: str) -> Target:
    """Check by its form that a URL is allowed for `destination`, and return its parts.

    Raises UrlRefused (also AddressRefused), whose `sentence` a form can show at the field.
    """
    _check_characters(url)
    parts, port = _split(url)
    _check_parts(parts)
    host = parts.hostname or ""
    _check_host(host)
    _check_scheme(destination, parts.scheme, host)
    tls = parts.scheme == "https"
    address = literal(host)
    if address is not None:
        address_policy.require_allowed(destination, host, [address], tls=tls)
    elif is_loopback_name(host):
        address_policy.require_allowed(destination, host, [IPv4Address("127.0.0.1")], tls=tls)
    if port is not None and port not in _PORTS:
        raise UrlRefused(detail="The port in the address must be between 1 and 65535.")
    return Target(parts.scheme, host, port or (443 if tls else 80), parts.path)
