"""Address ranges that the address policy treats in a special way. No Django here: settings read it too."""

from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Final, TypeAlias

Network: TypeAlias = IPv4Network | IPv6Network


def _networks(texts: str) -> list[Network]:
    return [ip_network(text) for text in texts.split()]


#: OUTBOUND_PRIVATE_NETWORKS may name these and parts of them: the private networks of RFC 1918 and RFC 4193, and
#: addresses shared with a carrier (RFC 6598).
PRIVATE: Final = _networks("10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 fc00::/7 100.64.0.0/10")
# Inside public or private ranges, and dangerous: clouds hand credentials out there (AWS, Alibaba, Azure, Google).
METADATA: Final = _networks("100.100.100.200/32 168.63.129.16/32 fd00:ec2::/32 fd20:ce::254/128 fd00:42::42/128")
# Link-local, multicast, documentation, reserved, and the local NAT64 of RFC 8215, where one address can be read as
# several IPv4 addresses. Not global although `is_global` says so on some Python versions, or
# global without any honest use from here.
NEVER: Final = _networks(
    """
    0.0.0.0/8 169.254.0.0/16 192.0.0.0/24 192.0.2.0/24 192.88.99.0/24 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24
    224.0.0.0/3 64:ff9b:1::/48 100::/64 2001:db8::/32 3fff::/20 5f00::/16 fe80::/10 fec0::/10 ff00::/8
    """
)


def is_private_network(text: str) -> bool:
    """Return whether the text is a network such as 10.20.0.0/16, of which a destination may be a part."""
    try:
        network = ip_network(text)
    except ValueError:
        return False
    return "%" not in text and _is_in_any(network, PRIVATE) and not _is_in_any(network, METADATA)


def _is_in_any(network: Network, others: list[Network]) -> bool:
    return any(
        network.version == other.version and network.subnet_of(other)  # type: ignore[arg-type]  # of one version now
        for other in others
    )
