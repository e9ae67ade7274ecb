from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from pytest_django import Settings

from portal.http_client import resolver
from portal.http_client.errors import NameNotResolved, NameServerSilent


def test_a_literal_needs_no_dns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", None)
    assert str(resolver.lookup("127.0.0.1", 80, 0.0)[0].address) == "127.0.0.1"
    assert resolver.lookup("::1", 80, 0.0)[0].family == socket.AF_INET6


def test_localhost_resolves() -> None:
    assert resolver.name_warnings(["localhost"]) == []


@pytest.mark.parametrize("host", ["a" * 70 + ".example", "a..b", "x\0y"])
def test_a_name_that_cannot_be_does_not_resolve(host: str) -> None:
    [sentence] = resolver.name_warnings([host])
    assert sentence.endswith("Check the spelling.")


@pytest.fixture
def silent(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A name server that does not answer."""
    release = threading.Event()

    def hang(*_args: Any, **_kwargs: Any) -> list[Any]:
        release.wait(5)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    yield
    release.set()


def test_dns_that_hangs_does_not_hang_the_form(silent: None, settings: Settings) -> None:
    settings.OUTBOUND_CONNECT_SECONDS = 0.2
    start = time.monotonic()
    said = resolver.name_warnings(["slow.example", "other.example"])
    assert time.monotonic() - start < 1
    assert len(said) == 2
    assert all("the name server gave no answer in time" in sentence for sentence in said)
    assert "spelling" not in str(said)


def test_a_silent_name_server_is_waited_for_as_long_as_the_call_may_take(silent: None) -> None:
    start = time.monotonic()
    with pytest.raises(NameServerSilent, match=r"name server gave no answer about slow\.example in time") as caught:
        resolver.lookup("slow.example", 443, 2.5)
    assert 2.4 < time.monotonic() - start < 5
    assert caught.value.retryable
    assert not caught.value.unknown_outcome
    assert "spelling" not in caught.value.sentence


@pytest.mark.parametrize(
    ("errno", "expected"),
    [
        (socket.EAI_NONAME, NameNotResolved),
        (socket.EAI_NODATA, NameNotResolved),
        (socket.EAI_AGAIN, NameServerSilent),
        (socket.EAI_FAIL, NameServerSilent),
        (socket.EAI_SYSTEM, NameServerSilent),
    ],
)
def test_only_a_clear_no_of_the_name_server_is_a_name_that_is_not_there(
    errno: int, expected: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: Any, **_kwargs: Any) -> list[Any]:
        raise socket.gaierror(errno, "said so")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    with pytest.raises(expected):
        resolver.lookup("some.example", 443, 1.0)


def test_hanging_lookups_do_not_pile_up(monkeypatch: pytest.MonkeyPatch) -> None:
    release = threading.Event()
    asked: list[str] = []

    def hang(host: str, *_args: Any, **_kwargs: Any) -> list[Any]:
        asked.append(host)
        release.wait(5)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    monkeypatch.setattr(resolver, "_slots", threading.BoundedSemaphore(3))
    for _ in range(6):
        with pytest.raises(NameServerSilent):
            resolver.lookup("slow.example", 443, 0.02)
    assert len(asked) == 3
    release.set()
    for thread in threading.enumerate():
        if thread.name == "outbound-dns":
            thread.join(5)


def test_other_families_are_left_out_and_doubles_too(monkeypatch: pytest.MonkeyPatch) -> None:
    v4 = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 80))
    odd = (socket.AF_UNIX, socket.SOCK_STREAM, 0, "", "/run/x")
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_kwargs: [v4, odd, v4])
    assert [str(found.address) for found in resolver.lookup("twice.example", 80, 1.0)] == ["127.0.0.1"]
