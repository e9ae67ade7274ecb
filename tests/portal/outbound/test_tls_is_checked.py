from __future__ import annotations

import socket
import threading
from typing import TYPE_CHECKING, Any

import pytest

from portal.http_client.errors import CertificateRefused, TlsFailed
from portal.http_client.response_json import read_json
from portal.http_client.send import send
from tests.portal.outbound.conftest import post_to
from tests.portal.outbound.raw_server import OK

if TYPE_CHECKING:
    from pathlib import Path

    from tests.portal.outbound.conftest import Serve


def test_a_certificate_of_nobody_is_refused_and_nothing_was_sent(serve: Serve, certificate: Path) -> None:
    server = serve(OK, certificate=certificate)
    with pytest.raises(CertificateRefused) as caught:
        send(post_to(server.url), {})
    assert server.requests == []
    assert caught.value.permanent
    assert not caught.value.unknown_outcome


def test_a_private_authority_can_be_added(serve: Serve, trusted: Path) -> None:
    server = serve(OK, certificate=trusted)
    for _ in range(3):
        assert read_json(send(post_to(server.url), {})) == {"a": 1}
    assert server.connections == 1


def test_the_certificate_must_be_of_the_name_in_the_url(serve: Serve, trusted: Path, monkeypatch: Any) -> None:
    server = serve(OK, certificate=trusted)
    here = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", server.port))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_kwargs: here)
    url = server.url.replace("127.0.0.1", "other.localhost")
    with pytest.raises(CertificateRefused):
        send(post_to(url), {})
    assert server.requests == []


def test_host_and_server_name_stay_with_the_name(serve: Serve, trusted: Path) -> None:
    server = serve(OK, certificate=trusted)
    send(post_to(server.url.replace("127.0.0.1", "localhost")), {})
    assert f"Host: localhost:{server.port}".encode() in server.requests[0]


def test_a_port_without_tls_is_named_so() -> None:
    def greet(listener: socket.socket) -> None:
        sock, _ = listener.accept()
        with sock:
            sock.recv(1)
            sock.sendall(b"220 smtp.example ESMTP\r\n" * 10)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=greet, args=(listener,))
        thread.start()
        with pytest.raises(TlsFailed) as caught:
            send(post_to(f"https://127.0.0.1:{listener.getsockname()[1]}"), {})
        thread.join(5)
    assert caught.value.retryable
    assert not caught.value.unknown_outcome
