"""Address policy: which IP addresses each destination may reach.

An address is public, private, loopback or none of these. Public ones are always allowed. Private ones are allowed
inside OUTBOUND_PRIVATE_NETWORKS, for the destinations in OUTBOUND_ALLOW_PRIVATE. Loopback is allowed with
OUTBOUND_ALLOW_LOOPBACK, which production refuses. All others never. If an address embeds another one (IPv4-mapped,
NAT64, 6to4, Teredo, ISATAP), each address must be allowed. With OUTBOUND_LOOPBACK_ONLY only loopback is allowed.
"""

from __future__ import annotations

from enum import Enum
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_network
from typing import TYPE_CHECKING, TypeAlias

from django.conf import settings

from portal.core.address_ranges import METADATA, NEVER, PRIVATE
from portal.http_client.destinations import Destination
from portal.http_client.errors import AddressRefused

if TYPE_CHECKING:
    from collections.abc import Iterable

    from portal.core.address_ranges import Network

Address: TypeAlias = IPv4Address | IPv6Address

_NAT64 = ip_network("64:ff9b::/96")
_TRANSLATED = ip_network("::ffff:0:0:0/96")
_COMPATIBLE = ip_network("::/96")
_ISATAP_MARKS = {0x00005EFE, 0x02005EFE}
_LOW_32 = 0xFFFF_FFFF
_NO_SETTING = "OUTBOUND_PRIVATE_NETWORKS cannot allow it."


class Kind(Enum):
    """Kinds of addresses, as seen from this machine."""

    PUBLIC = "public"
    PRIVATE = "private"
    UNLISTED = "private, outside of OUTBOUND_PRIVATE_NETWORKS"
    LOOPBACK = "loopback"
    NEVER = "never"


def _in_any(address: Address, networks: Iterable[object]) -> bool:
    return any(address in network for network in networks)  # type: ignore[operator]  # v4 in v6 is simply False


@lru_cache(maxsize=8)
def _listed(*networks: str) -> list[Network]:
    return [ip_network(network) for network in networks]


def kind_of(address: Address) -> Kind:
    """The kind of the address itself, without embedded ones."""
    if address.is_loopback:
        return Kind.LOOPBACK
    if _in_any(address, METADATA) or _in_any(address, NEVER):
        return Kind.NEVER
    if _in_any(address, PRIVATE):
        return Kind.PRIVATE if _in_any(address, _listed(*settings.OUTBOUND_PRIVATE_NETWORKS)) else Kind.UNLISTED
    return Kind.PUBLIC if address.is_global and not address.is_multicast else Kind.NEVER


def _carried(address: IPv6Address) -> list[Address]:
    """The addresses embedded in an IPv6 address that can also be a destination itself."""
    if address.sixtofour is not None:
        return [address.sixtofour]
    if address.teredo is not None:
        return [*address.teredo]
    low = IPv4Address(int(address) & _LOW_32)
    isatap = (int(address) >> 32) & _LOW_32 in _ISATAP_MARKS
    return [low] if isatap or (address in _COMPATIBLE and int(address) > 1) else []


def embedded_addresses(address: Address) -> list[Address]:
    """All addresses that a packet to this one may reach; without the address itself if it only wraps another."""
    if isinstance(address, IPv4Address):
        return [address]
    if address.ipv4_mapped is not None:
        return [address.ipv4_mapped]
    if address in _NAT64 or address in _TRANSLATED:
        return [IPv4Address(int(address) & _LOW_32)]
    return [address, *_carried(address)]


def _allowed_kinds(destination: Destination, *, tls: bool) -> set[Kind]:
    if settings.OUTBOUND_LOOPBACK_ONLY:
        return {Kind.LOOPBACK}
    kinds = {Kind.LOOPBACK} if settings.OUTBOUND_ALLOW_LOOPBACK else set()
    if tls or destination == Destination.NEXUS:
        kinds.add(Kind.PUBLIC)
        if destination in settings.OUTBOUND_ALLOW_PRIVATE:
            kinds.add(Kind.PRIVATE)
    return kinds


def _reason(destination: Destination, kind: Kind) -> str:
    """The rest of a sentence that begins with the host."""
    if settings.OUTBOUND_LOOPBACK_ONLY:
        return "is not on this machine, and OUTBOUND_LOOPBACK_ONLY is set here: unset it to call others."
    where = {
        Kind.PUBLIC: "would be called without encryption. Enter the address with https.",
        Kind.PRIVATE: f"leads into a private network, which {destination.label} may not be in here. "
        f"Enter a public address, or have {destination.value} added to OUTBOUND_ALLOW_PRIVATE.",
        Kind.UNLISTED: "leads into a private network that OUTBOUND_PRIVATE_NETWORKS does not name. "
        "Enter an address inside the networks named there, or have this network added.",
        Kind.LOOPBACK: f"leads to the portal's own machine. {_NO_SETTING} Enter the address of the other system.",
        Kind.NEVER: "leads to an address that is never called (link-local, multicast, reserved or metadata). "
        f"{_NO_SETTING} Enter another address.",
    }
    return where[kind]


def require_allowed(destination: Destination, host: str, addresses: Iterable[Address], *, tls: bool) -> None:
    """Raise AddressRefused unless EVERY address, with all embedded ones, is allowed."""
    allowed = _allowed_kinds(destination, tls=tls)
    for address in addresses:
        for meaning in embedded_addresses(address):
            kind = kind_of(meaning)
            if kind not in allowed:
                raise AddressRefused(host, detail=_reason(destination, kind))
