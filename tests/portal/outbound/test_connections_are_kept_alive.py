from __future__ import annotations

import http.client
import logging
import socket
import threading
from typing import TYPE_CHECKING, Any

import pytest

from portal.http_client import guarded_connection
from portal.http_client.destinations import Destination
from portal.http_client.errors import ConnectFailed, ConnectionLost
from portal.http_client.send import send
from portal.http_client.session import close_sessions, session_for
from tests.portal.outbound.conftest import get_from, post_to
from tests.portal.outbound.raw_server import OK, answer

if TYPE_CHECKING:
    from tests.portal.outbound.conftest import Serve


def test_many_requests_use_one_connection(serve: Serve) -> None:
    server = serve(OK)
    for _ in range(10):
        send(post_to(server.url), {})
    assert server.connections == 1


def test_an_error_answer_keeps_the_connection(serve: Serve) -> None:
    server = serve(answer(200), answer(200), OK)
    send(post_to(server.url), {})
    send(get_from(server.url), {})
    send(post_to(server.url), {})
    assert server.connections == 1


def test_destinations_do_not_share_a_connection(serve: Serve) -> None:
    server = serve(OK)
    for destination in Destination:
        send(post_to(server.url, destination=destination), {})
    assert server.connections == len(Destination)


def test_threads_do_not_share_a_connection(serve: Serve) -> None:
    server = serve(OK)

    def one() -> None:
        send(post_to(server.url), {})
        close_sessions()

    send(post_to(server.url), {})
    thread = threading.Thread(target=one)
    thread.start()
    thread.join(5)
    assert server.connections == 2


def test_a_connection_closed_by_the_server_while_idle_is_not_used(serve: Serve) -> None:
    def answer_and_close(sock: socket.socket, _request: bytes) -> None:
        sock.sendall(OK)

    server = serve(answer_and_close)
    for _ in range(3):
        send(post_to(server.url), {})
        for thread in threading.enumerate():
            if thread.name.startswith("Thread") and "_converse" in thread.name:
                thread.join(2)
    assert len(server.requests) == 3


def test_a_post_on_a_connection_that_the_server_is_closing_is_never_sent_again(serve: Serve) -> None:
    def hear_and_close(_sock: socket.socket, _request: bytes) -> bool:
        return False

    server = serve(OK, hear_and_close, OK)
    send(post_to(server.url), {})
    with pytest.raises(ConnectionLost) as caught:
        send(post_to(server.url), {})
    assert caught.value.unknown_outcome
    assert caught.value.retryable
    assert len(server.requests) == 2
    assert server.connections == 1


def test_a_connection_idle_for_long_is_left(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    server = serve(OK)
    send(post_to(server.url), {})
    monkeypatch.setattr(guarded_connection, "IDLE_SECONDS", -1.0)
    send(post_to(server.url), {})
    assert server.connections == 2


def test_a_closed_port_is_a_failed_connect_and_nothing_happened() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(ConnectFailed) as caught:
        send(post_to(f"http://127.0.0.1:{port}"), {})
    assert caught.value.retryable
    assert not caught.value.unknown_outcome


def test_cookies_are_neither_kept_nor_sent(serve: Serve) -> None:
    server = serve(answer(200, Set_Cookie="session=abc; Path=/"))
    send(post_to(server.url), {})
    send(post_to(server.url), {})
    assert b"cookie" not in server.requests[1].lower()
    assert len(session_for(Destination.NEXUS).cookies) == 0


def test_proxies_and_netrc_of_the_environment_are_not_used(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    proxy, server = serve(OK), serve(OK)
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login a password b\n")
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, proxy.url)
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    send(post_to(server.url), {})
    assert proxy.connections == 0
    assert b"authorization" not in server.requests[0].lower()


def test_the_logs_of_the_libraries_show_no_header(
    serve: Serve, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str], monkeypatch: Any
) -> None:
    monkeypatch.setattr(http.client.HTTPConnection, "debuglevel", 1)
    with caplog.at_level(logging.DEBUG):
        send(post_to(serve(OK).url, headers={"x-api-key": "CNRY-1", "Authorization": "CNRY-2"}), {})
    assert "portal.http_client" in caplog.text
    assert "CNRY" not in caplog.text
    assert "CNRY" not in "".join(capsys.readouterr())


def test_one_line_a_request_is_logged_without_its_query(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    server = serve(answer(200, b"{}", X_Request_Id="r-1"))
    with caplog.at_level(logging.INFO, "portal.http_client"):
        send(get_from(f"{server.url}/nexus/v3?name=private"), {})
    assert "GET 127.0.0.1/nexus/v3 -> 200 ok in " in caplog.text
    assert "[r-1]" in caplog.text
    assert "private" not in caplog.text
