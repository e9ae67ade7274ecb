"""Two spellings of one address are one origin; another scheme, host or port is another."""

import pytest

from portal.core.origins import origin_of

SAME = [
    "https://nexus.example.com",
    "HTTPS://Nexus.EXAMPLE.com/",
    "https://nexus.example.com:443/nexus/v3",
    "https://nexus.example.com:0443",
    "https://nexus.example.com:",
    "https://nexus.example.com./path",
    "https://user:pass@nexus.example.com?x=1#y",
    "  https://nexus.example.com  ",
]
OTHER = [
    "http://nexus.example.com",
    "http://nexus.example.com:443",
    "https://nexus.example.com:8443",
    "https://nexus.example.com.evil.example",
    "https://nexus.example.com@evil.example",
    "https://evil.example/nexus.example.com",
]


@pytest.mark.parametrize("url", SAME)
def test_spellings_of_one_address_are_one_origin(url: str) -> None:
    assert origin_of(url) == "https://nexus.example.com"


@pytest.mark.parametrize("url", OTHER)
def test_another_scheme_host_or_port_is_another_origin(url: str) -> None:
    assert origin_of(url) != "https://nexus.example.com"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://bücher.example", "https://xn--bcher-kva.example"),
        ("http://[::1]:8080", "http://[0:0:0:0:0:0:0:1]:8080/x"),
        ("http://10.0.0.1:80", "http://10.0.0.1"),
    ],
)
def test_names_and_ip_addresses_have_one_form(one: str, other: str) -> None:
    assert origin_of(one) == origin_of(other)


@pytest.mark.parametrize(
    "text", ["", "nexus.example.com", "ftp://x.example", "https://", "https://:443", "https://x:99999"]
)
def test_what_is_no_url_has_no_origin(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - urllib has its own texts
        origin_of(text)
