"""One connection carries many requests, in whatever pieces they arrive."""

import socket
import time
from typing import Any

from portal.devtools.sandbox.control import Control


def test_many_requests_share_a_connection(wire: Any, sandbox: Control) -> None:
    alive, last = wire.request("SMS", "keep-alive"), wire.request("SMS")
    heard = wire.hear(alive * 9 + last)
    assert (heard.data.count(b"HTTP/1.1 201"), heard.data.count(b"HTTP/1.1 409"), heard.ending) == (
        1,
        9,
        "closed",
    )
    stats = sandbox.stats()
    assert (stats["requests"], stats["connections"]) == (10, 1)


def test_a_connection_stays_open_until_it_is_asked_to_close(wire: Any) -> None:
    assert wire.hear(wire.request("SMS", "keep-alive"), 0.3).ending == "open"


def test_a_request_may_arrive_byte_by_byte(wire: Any) -> None:
    with socket.create_connection(wire.address, timeout=5) as client:
        for byte in wire.request("SMS"):
            client.sendall(bytes([byte]))
        assert client.recv(12) == b"HTTP/1.1 201"


def test_a_client_that_asks_first_is_told_to_go_on(wire: Any) -> None:
    head, _, body = wire.request("SMS").partition(b"\r\n\r\n")
    with socket.create_connection(wire.address, timeout=5) as client:
        client.sendall(head + b"\r\nExpect: 100-continue\r\n\r\n")
        assert client.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(body)
        assert client.recv(12) == b"HTTP/1.1 201"


def test_requests_sent_together_wait_for_each_other(wire: Any, sandbox: Control) -> None:
    sandbox.settings(latency_ms=40)
    began = time.monotonic()
    heard = wire.hear(wire.request("SMS", "keep-alive") * 2 + wire.request("SMS"))
    assert heard.data.count(b"HTTP/1.1 ") == 3
    assert time.monotonic() - began >= 0.118
