"""The address policy: private addresses inside the named networks only; never this machine or a cloud's metadata."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import TYPE_CHECKING

import pytest

from portal.core.address_ranges import METADATA, NEVER
from portal.http_client import address_policy
from portal.http_client.destinations import Destination
from portal.http_client.errors import AddressRefused
from portal.http_client.url_check import check_url

if TYPE_CHECKING:
    from pytest_django import Settings

_SETTING = "OUTBOUND_PRIVATE_NETWORKS"
_ALL = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "100.64.0.0/10"]


@pytest.fixture(autouse=True)
def as_in_production(settings: Settings) -> None:
    settings.OUTBOUND_LOOPBACK_ONLY = settings.OUTBOUND_ALLOW_LOOPBACK = False
    settings.OUTBOUND_ALLOW_PRIVATE = ["nexus"]


def spellings(address: str) -> list[str]:
    """The address itself, and what carries it: IPv4-mapped, translated, compatible, NAT64, 6to4, ISATAP."""
    if ":" in address:
        return [address]
    number = int(IPv4Address(address))
    high, low = f"{number >> 16:x}", f"{number & 0xFFFF:x}"
    inside = [f"::ffff:{high}:{low}", f"::ffff:0:{high}:{low}", f"::{high}:{low}", f"64:ff9b::{high}:{low}"]
    wrapped = [f"2002:{high}:{low}::1", f"2606:4700::5efe:{high}:{low}", f"2606:4700::200:5efe:{high}:{low}"]
    return [address, *inside, *wrapped]


def refusal(address: str, destination: Destination = Destination.NEXUS) -> str:
    """The sentence with which the address is refused, by the form and by the connection alike; empty if it is not."""
    said = []
    for ask in (_as_url, _as_connection):
        try:
            ask(address, destination)
            said.append("")
        except AddressRefused as error:
            said.append(error.sentence)
    assert said[0] == said[1]
    return said[0]


def _as_url(address: str, destination: Destination) -> None:
    check_url(destination, f"https://[{address}]/" if ":" in address else f"https://{address}/")


def _as_connection(address: str, destination: Destination) -> None:
    address_policy.require_allowed(destination, address, [ip_address(address)], tls=True)


@pytest.mark.parametrize("address", ["10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.254", "192.168.0.1"])
def test_the_usual_private_networks_are_nexus_own_unless_the_setting_says_otherwise(
    address: str, settings: Settings
) -> None:
    assert refusal(address) == ""
    assert refusal(f"::ffff:{address}") == ""
    settings.OUTBOUND_PRIVATE_NETWORKS = ["10.20.0.0/16", "fd12:3456::/32"]
    for spelling in spellings(address):
        sentence = refusal(spelling)
        assert "leads into a private network that OUTBOUND_PRIVATE_NETWORKS does not name." in sentence or (
            _SETTING in sentence  # a spelling that is never called at all
        )


@pytest.mark.parametrize("address", ["100.64.0.1", "100.64.0.0", "100.127.255.255", "100.100.100.199", "100.64.1.1"])
def test_addresses_shared_with_a_carrier_have_to_be_named(address: str, settings: Settings) -> None:
    for spelling in spellings(address):
        assert _SETTING in refusal(spelling)
    settings.OUTBOUND_PRIVATE_NETWORKS = ["100.64.0.0/10"]
    assert refusal(address) == ""
    assert _SETTING in refusal("10.0.0.1")


@pytest.mark.parametrize(
    ("networks", "inside", "outside"),
    [
        (["10.20.0.0/16"], ["10.20.0.0", "10.20.255.255", "::ffff:10.20.1.1"], ["10.19.255.255", "10.21.0.0"]),
        (["10.1.2.3"], ["10.1.2.3"], ["10.1.2.2", "10.1.2.4", "::ffff:10.1.2.4", "192.168.0.1", "fd00::1"]),
        (["fd12::/16"], ["fd12::1", "fd12:ffff::"], ["fd13::1", "fd11:ffff::1", "fc00::1", "10.0.0.1"]),
        (["192.168.7.0/24", "10.0.0.0/9"], ["192.168.7.9", "10.127.0.1"], ["192.168.8.1", "10.128.0.1"]),
        ([], [], ["10.0.0.1", "172.16.0.1", "192.168.1.1", "fc00::1", "fd00::1", "100.64.0.1"]),
    ],
)
def test_the_bounds_of_the_named_networks_are_kept(
    networks: list[str], inside: list[str], outside: list[str], settings: Settings
) -> None:
    settings.OUTBOUND_PRIVATE_NETWORKS = networks
    assert [refusal(address) for address in inside] == [""] * len(inside)
    assert [address for address in outside if _SETTING not in refusal(address)] == []


_LOOPBACK = ["127.0.0.1", "127.1.2.3", "127.255.255.255", "::1"]
_LINK_LOCAL = ["169.254.169.254", "169.254.0.1", "169.254.170.2", "fe80::1", "fe80::a9fe:a9fe", "febf::1"]
_CLOUDS = ["100.100.100.200", "168.63.129.16", "fd00:ec2::254", "fd20:ce::254", "fd00:42::42", "192.0.0.192"]


@pytest.mark.parametrize(
    "address",
    [*_LOOPBACK, *_LINK_LOCAL, *_CLOUDS, "0.0.0.1", "::", "64:ff9b:1::a01:203", "224.0.0.1", "255.255.255.255"],
)
def test_whatever_the_setting_names_these_are_never_called(address: str, settings: Settings) -> None:
    for networks in (_ALL, ["127.0.0.0/8", "::1/128", "169.254.0.0/16", "fe80::/10"], ["0.0.0.0/0", "::/0"]):
        settings.OUTBOUND_PRIVATE_NETWORKS = networks
        settings.OUTBOUND_ALLOW_PRIVATE = Destination.values
        for destination in Destination:
            for spelling in spellings(address):
                assert _SETTING in refusal(spelling, destination), spelling


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "2606:4700::1111", "100.128.0.1", "172.32.0.1", "11.0.0.1", "193.0.0.1"]
)
def test_public_addresses_need_no_network(address: str, settings: Settings) -> None:
    settings.OUTBOUND_PRIVATE_NETWORKS = []
    assert [refusal(address, destination) for destination in Destination] == [""] * len(Destination)


def test_who_may_not_be_private_at_all_is_told_of_the_other_setting() -> None:
    sentence = refusal("10.1.2.3", Destination.WEBHOOK)
    assert "leads into a private network, which Customer's gateway may not be in here." in sentence
    assert "have webhook added to OUTBOUND_ALLOW_PRIVATE" in sentence


def test_a_name_with_one_address_outside_is_refused_as_a_whole() -> None:
    addresses = [ip_address(text) for text in ("8.8.8.8", "10.1.2.3", "100.64.0.1")]
    with pytest.raises(AddressRefused, match="OUTBOUND_PRIVATE_NETWORKS does not name"):
        address_policy.require_allowed(Destination.NEXUS, "nexus.example", addresses, tls=True)
    address_policy.require_allowed(Destination.NEXUS, "nexus.example", addresses[:2], tls=True)


@pytest.mark.parametrize("network", [*METADATA, *NEVER], ids=str)
def test_both_ends_of_every_forbidden_range_are_refused(network: object, settings: Settings) -> None:
    settings.OUTBOUND_PRIVATE_NETWORKS = _ALL
    for address in (network[0], network[-1]):  # type: ignore[index]  # IPv4 or IPv6
        assert isinstance(address, IPv4Address | IPv6Address)
        assert address_policy.kind_of(address) in {address_policy.Kind.NEVER, address_policy.Kind.LOOPBACK}
