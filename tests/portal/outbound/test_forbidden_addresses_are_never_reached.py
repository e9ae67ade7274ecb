"""Server-side request forgery: whatever a URL looks like, no socket goes where the policy does not let it.

DNS is replaced at its one seam by the C library's idea of odd literals, and `socket.connect` by a list of where it
would have gone: a miss shows up there and sends nothing.
"""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

import pytest

from portal.http_client import guarded_connection
from portal.http_client.destinations import Destination
from portal.http_client.errors import AddressRefused, OutboundError, UrlRefused
from portal.http_client.guarded_connection import Attempt
from portal.http_client.send import send
from portal.http_client.url_check import check_url
from tests.portal.outbound.conftest import post_to

if TYPE_CHECKING:
    from collections.abc import Callable

_PUBLIC = "93.184.215.14"
_DNS = {
    "public.example": [_PUBLIC],
    "private.example": ["10.1.2.3"],
    "metadata.example": ["169.254.169.254"],
    "loop.example": ["127.0.0.1"],
    "mixed.example": [_PUBLIC, "10.0.0.1"],
    "mixed6.example": [_PUBLIC, "fe80::1"],
    "six.example": ["2606:2800:21f:cb07:6820:80da:af6b:8b2c", "::1"],
    "mapped.example": ["::ffff:169.254.169.254"],
    "localhost": ["127.0.0.1", "::1"],
    "localtest.me": ["127.0.0.1"],
    "metadata.google.internal": ["169.254.169.254"],
}


def _as_the_c_library_would(host: Any, port: Any, *_args: Any, **_kwargs: Any) -> list[Any]:
    """Names from the table; number-like hosts as inet_aton reads them (decimal, hex, octal, short)."""
    name = host.decode() if isinstance(host, bytes) else str(host)
    found = _DNS.get(name.rstrip(".").lower())
    if found is None:
        try:
            found = [socket.inet_ntoa(socket.inet_aton(name))]
        except OSError:
            raise socket.gaierror(socket.EAI_NONAME, "unknown") from None
    return [
        (socket.AF_INET6, socket.SOCK_STREAM, 6, "", (ip, port, 0, 0))
        if ":" in ip
        else (socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port))
        for ip in found
    ]


@pytest.fixture
def reached(settings: Any, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Where sockets went; production's policy, in which only Nexus may be in private networks."""
    settings.OUTBOUND_LOOPBACK_ONLY = False
    settings.OUTBOUND_ALLOW_LOOPBACK = False
    settings.OUTBOUND_ALLOW_PRIVATE = ["nexus"]
    went: list[str] = []

    def note(_sock: socket.socket, where: Any) -> None:
        went.append(where[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", _as_the_c_library_would)
    monkeypatch.setattr(socket.socket, "connect", note)
    return went


_NOWHERE = """
https://127.0.0.1/ https://127.0.0.1:8443/ https://127.1/ https://127.0.1/ https://2130706433/ https://017700000001/
https://0x7f000001/ https://0x7f.0.0.1/ https://0x7F.1/ https://0177.0.0.1/ https://127.0.0.01/ https://0127.0.0.1/
https://127.0.0.1./ https://127.000.000.001/ https://0/ https://0.0.0.0/ https://[::]/ https://[::1]/
https://[0:0:0:0:0:0:0:1]/ https://[::ffff:127.0.0.1]/ https://[::ffff:7f00:1]/ https://[::127.0.0.1]/
https://[64:ff9b::7f00:1]/ https://[64:ff9b::169.254.169.254]/ https://[64:ff9b:1:7f00:0:100::]/
https://[64:ff9b:1::169.254.169.254]/ https://[2002:7f00:1::]/ https://[2002:a9fe:a9fe::1]/
https://[2001:0:5ef5:79fb:0:59d:5601:5601]/ https://[::ffff:0:127.0.0.1]/ https://[2606:4700::5efe:10.0.0.1]/
https://[fe80::1]/ https://[fe80::1%25eth0]/ https://[fe80::1%eth0]/ https://[fec0::1]/ https://[ff02::1]/
https://[fd00:ec2::254]/ https://[fd20:ce::254]/ https://[2001:db8::1]/ https://[100::1]/ https://[::1%250]/
https://169.254.169.254/latest/meta-data/ https://169.254.170.2/ https://2852039166/ https://0xa9fea9fe/
https://0251.0376.0251.0376/ https://169.254.43518/ https://100.100.100.200/ https://192.0.0.192/ https://168.63.129.16/
https://224.0.0.1/ https://239.255.255.250/ https://240.0.0.1/ https://255.255.255.255/ https://198.18.0.1/
https://192.0.2.1/ https://203.0.113.5/ https://10.0.0.1/ https://172.16.0.1/ https://172.31.255.255/
https://192.168.1.1/ https://100.64.0.1/ https://[fc00::1]/ https://[fd12:3456::1]/ https://localhost/
https://LOCALHOST/ https://localhost./ https://a.localhost/ https://localtest.me/ https://metadata.google.internal/
https://private.example/ https://metadata.example/ https://loop.example/ https://mixed.example/
https://mixed6.example/ https://six.example/ https://mapped.example/ https://public.example@127.0.0.1/
https://public.example:443@127.0.0.1/ https://user:password@public.example/ https://127.0.0.1#@public.example/
https://127.0.0.1\\@public.example/ https://public.example\\@127.0.0.1/ https:\\\\127.0.0.1\\
https://\uff11\uff12\uff17.\uff10.\uff10.\uff11/ https://①②⑦.0.0.1/ https://127。0。0。1/ https://ⓛocalhost/ https://127.0.0.1%00.public.example/
https://%31%32%37.0.0.1/ https://127%2e0%2e0%2e1/ https://public.example%2f@127.0.0.1/ https:///127.0.0.1/
https:127.0.0.1/ //127.0.0.1/ http://public.example/ http://127.0.0.1/ http://localhost/ ftp://public.example/
file:///etc/passwd gopher://127.0.0.1:6379/_INFO dict://127.0.0.1:11211/ data:text/plain,hi javascript:alert(1)
jar:https://public.example!/ unix:///run/redis.sock https:// https://? https://:443/ https://public.example:0/
https://public.example:99999/ https://public.example:4a3/ https://public.example:-1/ https://[::1/ https://]/
https://public..example/ https://.public.example/ https://-public.example/ https://public.example/../../admin
https://public.example/%2e%2e/admin https://public.example/a/./b https://public.example/%zz
https://public.example/#fragment
""".split()  # noqa: SIM905 - a list of 130 strings is easier read as words

_WITH_SPACES = [
    "https://127.0.0.1 .public.example/",
    " https://127.0.0.1/",
    "https://public.example\r\nHost: 127.0.0.1/",
    "https://public.example/\nX: y",
    "https://127.0.0.1\t/",
    "ht\ntps://127.0.0.1/",
    "https://public.example\0.evil.example/",
    "",
    "https://" + "a" * 64 + ".example/",
    "https://" + "a." * 130 + "example/",
    "https://public.example/" + "a" * 2000,
]


@pytest.mark.parametrize("destination", [Destination.WEBHOOK, Destination.GENESYS_CLOUD])
@pytest.mark.parametrize("url", _NOWHERE + _WITH_SPACES)
def test_no_form_of_url_leads_to_a_forbidden_place(url: str, destination: Destination, reached: list[str]) -> None:
    with pytest.raises(UrlRefused) as caught:
        send(post_to(url, destination=destination), {})
    assert reached == []
    assert "password" not in caught.value.sentence.replace("without user name and password", "")


def test_the_list_of_forms_is_long_enough() -> None:
    assert len(set(_NOWHERE + _WITH_SPACES)) >= 120


_HOSTS_ONLY = "127.1 2130706433 0x7f000001 017700000001 0 0xa9fea9fe 169.254.43518 localhost localhost. loop.example"


@pytest.mark.parametrize("host", _HOSTS_ONLY.split())
def test_the_connection_checks_again_what_the_form_check_missed(host: str, reached: list[str]) -> None:
    with Attempt(Destination.NEXUS, 5.0) as attempt, pytest.raises(AddressRefused):
        guarded_connection.dial(host, 443, attempt, tls=True)
    assert reached == []


def test_a_public_host_is_reached_at_the_address_that_was_checked(reached: list[str]) -> None:
    with pytest.raises(OutboundError):
        send(post_to("https://public.example/", destination=Destination.WEBHOOK), {})
    assert reached == [_PUBLIC]


def test_nexus_may_be_in_a_private_network(reached: list[str]) -> None:
    with pytest.raises(OutboundError):
        send(post_to("http://private.example/"), {})
    assert reached == ["10.1.2.3"]


@pytest.mark.parametrize("host", ["metadata.example", "169.254.169.254", "[fd00:ec2::254]", "100.100.100.200"])
def test_nexus_may_not_be_the_clouds_metadata(host: str, reached: list[str]) -> None:
    with pytest.raises(AddressRefused):
        send(post_to(f"http://{host}/"), {})
    assert reached == []


def test_others_may_be_private_when_the_setting_says_so(reached: list[str], settings: Any) -> None:
    settings.OUTBOUND_ALLOW_PRIVATE = ["webhook"]
    with pytest.raises(OutboundError):
        send(post_to("https://10.1.2.3/", destination=Destination.WEBHOOK), {})
    assert reached == ["10.1.2.3"]


def test_loopback_is_reached_when_allowed_and_then_without_tls_too(reached: list[str], settings: Any) -> None:
    settings.OUTBOUND_ALLOW_LOOPBACK = True
    for url in ("http://127.0.0.1/", "http://localhost/", "https://[::1]/"):
        with pytest.raises(OutboundError):
            send(post_to(url, destination=Destination.GENESYS_CLOUD), {})
    assert reached == ["127.0.0.1", "127.0.0.1", "::1", "::1"]


def test_loopback_by_another_name_still_needs_tls(reached: list[str], settings: Any) -> None:
    settings.OUTBOUND_ALLOW_LOOPBACK = True
    with pytest.raises(UrlRefused):
        send(post_to("http://loop.example/", destination=Destination.WEBHOOK), {})
    assert reached == []


def test_a_loopback_name_that_leads_elsewhere_is_not_called_without_tls(
    reached: list[str], settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.OUTBOUND_ALLOW_LOOPBACK = True
    monkeypatch.setitem(_DNS, "a.localhost", [_PUBLIC])
    with pytest.raises(AddressRefused):
        send(post_to("http://a.localhost/", destination=Destination.WEBHOOK), {})
    assert reached == []


@pytest.mark.parametrize("url", ["http://public.example/", "https://93.184.215.14/", "http://private.example/"])
def test_with_loopback_only_nothing_else_is_reached(url: str, reached: list[str], settings: Any) -> None:
    settings.OUTBOUND_LOOPBACK_ONLY = True
    with pytest.raises(AddressRefused) as caught:
        send(post_to(url), {})
    assert reached == []
    assert "OUTBOUND_LOOPBACK_ONLY" in caught.value.sentence


def test_a_refusal_says_what_to_do_and_hides_the_address(reached: list[str]) -> None:
    with pytest.raises(AddressRefused) as caught:
        send(post_to("https://private.example/", destination=Destination.WEBHOOK), {})
    assert caught.value.sentence.startswith("private.example leads into a private network")
    assert "OUTBOUND_ALLOW_PRIVATE" in caught.value.sentence
    assert "10.1.2.3" not in caught.value.sentence
    assert caught.value.permanent
    assert not caught.value.unknown_outcome


def test_a_form_check_asks_no_dns(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.OUTBOUND_LOOPBACK_ONLY = False

    def fail(*_args: Any, **_kwargs: Any) -> list[Any]:
        raise AssertionError("asked DNS")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    assert check_url(Destination.NEXUS, "HTTPS://Nexus.Example.COM:8443/a?b=c") == (
        "https",
        "nexus.example.com",
        8443,
        "/a",
    )


@pytest.fixture
def changing_dns(monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """A name that is public when first asked and loopback ever after; returns how often it was asked."""
    asked: list[str] = []

    def rebind(host: str, port: int, *_args: Any, **_kwargs: Any) -> list[Any]:
        asked.append(host)
        return _as_the_c_library_would("public.example" if len(asked) == 1 else "loop.example", port)

    monkeypatch.setattr(socket, "getaddrinfo", rebind)
    return lambda: len(asked)


def test_a_name_that_changes_its_mind_is_asked_once_and_gains_nothing(
    reached: list[str], changing_dns: Callable[[], int]
) -> None:
    with pytest.raises(OutboundError):
        send(post_to("https://rebind.example/", destination=Destination.WEBHOOK), {})
    assert reached == [_PUBLIC]
    assert changing_dns() == 1
    with pytest.raises(AddressRefused):
        send(post_to("https://rebind.example/", destination=Destination.WEBHOOK), {})
    assert reached == [_PUBLIC]


def test_nothing_connects_outside_an_attempt() -> None:
    with pytest.raises(RuntimeError):
        guarded_connection.current()
