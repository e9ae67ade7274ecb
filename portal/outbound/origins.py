"""Origins: scheme, host and port of a URL in one normal form. Two URLs of one origin lead to the same server."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

_DEFAULT_PORTS = {"http": 80, "https": 443}


def origin_of(url: str) -> str:
    """Return the origin of a URL, such as `https://nexus.example.com` or `http://10.1.2.3:8080`.

    Upper case, a default port, a dot at the end of the host, user name and password, and the form in which an
    international name or an IP address is written make no difference. Raises ValueError for what is no such URL.
    """
    parts = urlsplit(url.strip())
    host = (parts.hostname or "").rstrip(".")
    if parts.scheme not in _DEFAULT_PORTS or not host:
        raise ValueError("This is no http or https URL.")
    port = parts.port or _DEFAULT_PORTS[parts.scheme]
    shown = _plain(host)
    return f"{parts.scheme}://{shown}" if port == _DEFAULT_PORTS[parts.scheme] else f"{parts.scheme}://{shown}:{port}"


def _plain(host: str) -> str:
    """Return the host in the form that is compared: names as DNS has them, IP addresses in their shortest form."""
    try:
        address = ip_address(host)
    except ValueError:
        return host.lower() if host.isascii() else host.encode("idna").decode().lower()
    return f"[{address}]" if address.version == 6 else str(address)  # noqa: PLR2004 - the version's own number
