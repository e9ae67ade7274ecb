"""Address policy: which IP addresses each destination may reach.

An address is public, private, loopback or none of these. Public ones are always allowed, private ones for the
destinations in OUTBOUND_ALLOW_PRIVATE, loopback with OUTBOUND_ALLOW_LOOPBACK, all others never. If an address embeds
another one (IPv4-mapped, NAT64, 6to4, Teredo, ISATAP), each address must be allowed. With OUTBOUND_LOOPBACK_ONLY only
loopback is allowed.
"""

from __future__ import annotations

from enum import Enum
from ipaddress import IPv4Address, IPv6Address, ip_network
from typing import TYPE_CHECKING, TypeAlias

from django.conf import settings

from portal.outbound.destinations import Destination
from portal.outbound.errors import AddressRefused

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Address: TypeAlias = IPv4Address | IPv6Address

_PRIVATE = [ip_network(net) for net in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7")]
# Metadata services in public or private ranges, where clouds hand out credentials (AWS, Alibaba, Azure, Google).
_METADATA = [
    ip_network(net)
    for net in (
        "100.100.100.200/32",
        "168.63.129.16/32",
        "fd00:ec2::/32",
        "fd20:ce::254/128",
        "fd00:42::42/128",
    )
]
# Not global although `is_global` says so on some Python versions, or global without a legitimate use here.
_NEVER = [
    ip_network(net)
    for net in (
        "0.0.0.0/8",
        "169.254.0.0/16",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/3",
        "100::/64",
        "2001:db8::/32",
        "3fff::/20",
        "5f00::/16",
        "fe80::/10",
        "fec0::/10",
        "ff00::/8",
    )
]
_NAT64 = ip_network("64:ff9b::/96")
_NAT64_LOCAL = ip_network("64:ff9b:1::/48")
_TRANSLATED = ip_network("::ffff:0:0:0/96")
_COMPATIBLE = ip_network("::/96")
_ISATAP_MARKS = {0x00005EFE, 0x02005EFE}
_LOW_32 = 0xFFFF_FFFF


class Kind(Enum):
    """Kinds of addresses, as seen from this machine."""

    PUBLIC = "public"
    PRIVATE = "private"
    LOOPBACK = "loopback"
    NEVER = "never"


def _in_any(address: Address, networks: Iterable[object]) -> bool:
    return any(address in network for network in networks)  # type: ignore[operator]  # v4 in v6 is simply False


def kind_of(address: Address) -> Kind:
    """The kind of the address itself, without embedded ones."""
    if address.is_loopback:
        return Kind.LOOPBACK
    if _in_any(address, _METADATA) or _in_any(address, _NEVER):
        return Kind.NEVER
    if _in_any(address, _PRIVATE):
        return Kind.PRIVATE
    return Kind.PUBLIC if address.is_global and not address.is_multicast else Kind.NEVER


def _nat64_local_meanings(packed: bytes) -> Iterator[Address]:
    """RFC 6052 puts the IPv4 address into bits 48 to 63 and 72 to 87 of a /48; /96 below it is in use too."""
    yield IPv4Address(packed[6:8] + packed[9:11])
    yield IPv4Address(packed[12:])


def _carried(address: IPv6Address) -> list[Address]:
    """The addresses embedded in an IPv6 address that can also be a destination itself."""
    if address.sixtofour is not None:
        return [address.sixtofour]
    if address.teredo is not None:
        return [*address.teredo]
    low = IPv4Address(int(address) & _LOW_32)
    isatap = (int(address) >> 32) & _LOW_32 in _ISATAP_MARKS
    return [low] if isatap or (address in _COMPATIBLE and int(address) > 1) else []


def meanings(address: Address) -> list[Address]:
    """All addresses that a packet to this one may reach; without the address itself if it only wraps another."""
    if isinstance(address, IPv4Address):
        return [address]
    if address.ipv4_mapped is not None:
        return [address.ipv4_mapped]
    if address in _NAT64 or address in _TRANSLATED:
        return [IPv4Address(int(address) & _LOW_32)]
    if address in _NAT64_LOCAL:
        return [IPv6Address("fc00::"), *_nat64_local_meanings(address.packed)]  # a private network by definition
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
        Kind.LOOPBACK: "leads to the portal's own machine. Enter the address of the other system.",
        Kind.NEVER: "leads to an address that is never called (link-local, multicast, reserved or metadata). "
        "Enter another address.",
    }
    return where[kind]


def demand(destination: Destination, host: str, addresses: Iterable[Address], *, tls: bool) -> None:
    """Raise AddressRefused unless EVERY address, with all embedded ones, is allowed."""
    allowed = _allowed_kinds(destination, tls=tls)
    for address in addresses:
        for meaning in meanings(address):
            kind = kind_of(meaning)
            if kind not in allowed:
                raise AddressRefused(host, detail=_reason(destination, kind))
