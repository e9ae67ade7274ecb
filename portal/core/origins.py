"""URL origins: scheme, host and port in one normal form. URLs with the same origin lead to the same server."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

_DEFAULT_PORTS = {"http": 80, "https": 443}


def origin_of(url: str) -> str:
    """Return the origin of a URL, such as `https://nexus.example.com` or `http://10.1.2.3:8080`.

    Upper case, the default port, a trailing dot of the host, user name and password, and the spelling of an
    international name or an IP address make no difference. Raises ValueError for anything but an http or https URL.
    """
    parts = urlsplit(url.strip())
    host = (parts.hostname or "").rstrip(".")
    if parts.scheme not in _DEFAULT_PORTS or not host:
        raise ValueError("This is no http or https URL.")
    port = parts.port or _DEFAULT_PORTS[parts.scheme]
    shown = _plain(host)
    return f"{parts.scheme}://{shown}" if port == _DEFAULT_PORTS[parts.scheme] else f"{parts.scheme}://{shown}:{port}"


def _plain(host: str) -> str:
    """Return the normalised host: names as in DNS, IP addresses in their shortest form."""
    try:
        address = ip_address(host)
    except ValueError:
        return host.lower() if host.isascii() else host.encode("idna").decode().lower()
    return f"[{address}]" if address.version == 6 else str(address)  # noqa: PLR2004 - IP version 6
