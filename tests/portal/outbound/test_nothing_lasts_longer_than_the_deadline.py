"""The read time-out is 10 s in these tests and every byte comes in time; only the total deadline can end them."""

from __future__ import annotations

import gc
import os
import socket
import threading
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from portal.http_client.errors import ConnectTimedOut, DeadlinePassed, NameServerSilent, OutboundError
from portal.http_client.send import send
from portal.http_client.session import close_sessions
from tests.portal.outbound.conftest import post_to
from tests.portal.outbound.raw_server import OK, drip

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.portal.outbound.conftest import Serve
    from tests.portal.outbound.raw_server import Script

_LATE = 2.0  # what a loaded machine may add


@contextmanager
def _ends_by(seconds: float) -> Iterator[None]:
    start = time.monotonic()
    yield
    assert seconds - 0.1 <= time.monotonic() - start < seconds + _LATE


def _endless(sock: socket.socket, _request: bytes) -> None:
    sock.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        sock.sendall(b"1\r\n \r\n")
        time.sleep(0.01)


def _silent(sock: socket.socket, _request: bytes) -> None:
    sock.recv(1)


_HEAD = b"HTTP/1.1 200 OK\r\n"
_SLOW: dict[str, Script] = {
    "silence": _silent,
    "dripped status line": drip(b"HTTP/1.1 2"),
    "dripped header": drip(_HEAD + b"X: a"),
    "dripped body": drip(_HEAD + b"Content-Length: 100000\r\n\r\n{"),
    "dripped body until the end": drip(_HEAD + b"\r\n{"),
    "dripped body of a closed connection": drip(_HEAD + b"Connection: close\r\nContent-Length: 99999\r\n\r\n{"),
    "dripped chunk size": drip(_HEAD + b"Transfer-Encoding: chunked\r\n\r\n0"),
    "endless small chunks": _endless,
    "endless 100 Continue": drip(b"HTTP/1.1 100 Continue\r\n\r\n" * 4000, every=0.001),
    "endless trailers": drip(_HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\n" + b"X: a\r\n" * 9000, every=0.001),
}


@pytest.mark.parametrize("name", _SLOW)
def test_a_slow_answer_ends_at_the_deadline_with_an_unknown_outcome(name: str, serve: Serve, short: float) -> None:
    server = serve(_SLOW[name])
    with _ends_by(short), pytest.raises(DeadlinePassed) as caught:
        send(post_to(server.url), {})
    assert caught.value.unknown_outcome
    assert caught.value.duration_ms >= short * 900


def test_a_body_cut_by_the_deadline_is_not_taken_for_a_whole_one(serve: Serve, short: float) -> None:
    def pause_in_a_body_without_length(sock: socket.socket, _request: bytes) -> None:
        sock.sendall(_HEAD + b'\r\n{"a": 1}')
        sock.recv(1)

    with _ends_by(short), pytest.raises(DeadlinePassed):
        send(post_to(serve(pause_in_a_body_without_length).url), {})


def test_the_deadline_holds_on_a_reused_connection(serve: Serve, short: float) -> None:
    server = serve(OK, drip(_HEAD + b"X: a"))
    send(post_to(server.url), {})
    with _ends_by(short), pytest.raises(DeadlinePassed):
        send(post_to(server.url), {})
    assert server.connections == 1


def test_a_dripped_tls_handshake_ends_at_the_deadline_and_nothing_was_sent(short: float) -> None:
    done = threading.Event()

    def hold(listener: socket.socket) -> None:
        sock, _ = listener.accept()
        with sock:
            sock.recv(4096)
            sock.sendall(b"\x16\x03\x03\x10\x00")  # a record of 4096 bytes is announced ...
            while not done.wait(0.05):
                try:
                    sock.sendall(b"\x02")  # ... and dripped
                except OSError:
                    return

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=hold, args=(listener,), daemon=True)
        thread.start()
        url = f"https://127.0.0.1:{listener.getsockname()[1]}"
        with _ends_by(short), pytest.raises(ConnectTimedOut) as caught:
            send(post_to(url), {})
        done.set()
        thread.join(5)
    assert not caught.value.unknown_outcome


def test_slow_dns_ends_at_the_time_limit(short: float, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.OUTBOUND_LOOPBACK_ONLY = False
    asked = threading.Event()

    def never(*_args: Any, **_kwargs: Any) -> list[Any]:
        asked.wait(5)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", never)
    with _ends_by(short), pytest.raises(NameServerSilent) as caught:
        send(post_to("https://nexus.example.com"), {})
    asked.set()
    assert caught.value.retryable
    assert not caught.value.unknown_outcome


def test_a_host_that_never_takes_the_connection_ends_at_the_connect_time_out(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.OUTBOUND_CONNECT_SECONDS = 0.2
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        port = listener.getsockname()[1]
        held = [socket.socket() for _ in range(4)]  # fill the queue of those who wait to be accepted
        for sock in held:
            sock.setblocking(False)  # noqa: FBT003 - socket's own signature
            sock.connect_ex(("127.0.0.1", port))
        with _ends_by(0.2), pytest.raises(ConnectTimedOut):
            send(post_to(f"http://127.0.0.1:{port}"), {})
        for sock in held:
            sock.close()


def test_the_read_time_out_is_a_deadline_passed(serve: Serve, settings: Any) -> None:
    settings.OUTBOUND_READ_SECONDS = 0.2
    with _ends_by(0.2), pytest.raises(DeadlinePassed):
        send(post_to(serve(_silent).url), {})


def test_many_deadlines_are_kept_by_one_thread(serve: Serve, short: float) -> None:
    server = serve(drip(_HEAD + b"X: a"))
    ended: list[float] = []

    def one() -> None:
        start = time.monotonic()
        try:
            send(post_to(server.url), {})
        except DeadlinePassed:
            ended.append(time.monotonic() - start)
        close_sessions()

    threads = [threading.Thread(target=one) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(ended) == 20
    assert max(ended) < short + _LATE
    assert sum(thread.name == "outbound-watchdog" for thread in threading.enumerate()) == 1


def test_no_descriptor_is_left_behind(serve: Serve, short: float) -> None:
    """Five ends of a connection: cut while it is closed already, kept, cut, kept and closed, never made."""
    server = serve(drip(_HEAD + b"Connection: close\r\nContent-Length: 99\r\n\r\n{"), OK, _silent, OK)

    def all_ends() -> int:
        for url in [server.url] * 4 + ["http://127.0.0.1:9"]:
            with suppress(OutboundError):
                send(post_to(url), {})
        close_sessions()
        gc.collect()
        return len(list(Path("/proc/self/fd").iterdir())) - sum(sock.fileno() >= 0 for sock in server.live)

    assert all_ends() == all_ends()


def test_a_forked_child_has_a_watchdog_of_its_own(serve: Serve, short: float) -> None:
    server = serve(OK, drip(_HEAD + b"X: a"))
    send(post_to(server.url), {})
    child = os.fork()
    if child == 0:  # pragma: no cover - another process
        code = 1
        try:
            send(post_to(server.url), {})
        except DeadlinePassed:
            code = 0
        finally:
            os._exit(code)
    assert os.waitpid(child, 0)[1] == 0
    assert server.connections == 2, "the parent's connection is not the child's"
