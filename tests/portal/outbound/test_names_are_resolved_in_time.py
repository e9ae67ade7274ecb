from __future__ import annotations

import socket
import threading
import time
from typing import Any

import pytest

from portal.outbound import resolver
from portal.outbound.errors import NameNotResolved


def test_a_literal_needs_no_dns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", None)
    assert str(resolver.lookup("127.0.0.1", 80, 0.0)[0].address) == "127.0.0.1"
    assert resolver.lookup("::1", 80, 0.0)[0].family == socket.AF_INET6


def test_localhost_resolves() -> None:
    assert resolver.resolves("localhost")


@pytest.mark.parametrize("host", ["a" * 70 + ".example", "a..b", "x\0y"])
def test_a_name_that_cannot_be_does_not_resolve(host: str) -> None:
    assert not resolver.resolves(host)


def test_dns_that_hangs_does_not_hang_the_form(monkeypatch: pytest.MonkeyPatch) -> None:
    release = threading.Event()

    def hang(*_args: Any, **_kwargs: Any) -> list[Any]:
        release.wait(5)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    monkeypatch.setattr(resolver, "RESOLVES_SECONDS", 0.2)
    start = time.monotonic()
    assert not resolver.resolves("slow.example")
    assert time.monotonic() - start < 2
    release.set()


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
        with pytest.raises(NameNotResolved):
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
