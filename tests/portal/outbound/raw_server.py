"""A server that says exactly the bytes it is told, and remembers what it heard."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

# Bytes to answer with; or a function that gets the socket and the request, and returns whether to keep it open.
Script: TypeAlias = "bytes | Callable[[socket.socket, bytes], bool | None]"

OK = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 8\r\n\r\n{"a": 1}'


def answer(status: int = 200, body: bytes = b"", **headers: str) -> bytes:
    """A well-formed answer; header names are given with `_` for `-`."""
    lines = [f"HTTP/1.1 {status} Word", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


def _content_length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.split(b":")[1])
    return 0


def read_request(sock: socket.socket) -> bytes:
    """One request with its body; empty when the client is gone."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = sock.recv(65536)
        if not piece:
            return b""
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    while len(body) < _content_length(head):
        body += sock.recv(65536)
    return head + b"\r\n\r\n" + body


class RawServer:
    """Listens on a free port of loopback until `stop`."""

    def __init__(self, scripts: tuple[Script, ...], certificate: Path | None = None) -> None:
        self.requests: list[bytes] = []
        self.connections = 0
        self.stopping = threading.Event()
        self._scripts = list(scripts)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.live: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER) if certificate else None
        if self._tls and certificate:
            self._tls.load_cert_chain(certificate)
        self.port: int = self._listener.getsockname()[1]
        self.url = f"{'https' if certificate else 'http'}://127.0.0.1:{self.port}"
        self._start(self._accept)

    def _start(self, target: Callable[..., None], *args: object) -> None:
        thread = threading.Thread(target=target, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self.live.append(sock)
            self._start(self._converse, sock)

    def _converse(self, sock: socket.socket) -> None:
        with contextlib.suppress(OSError), contextlib.closing(sock):
            if self._tls:
                with self._tls.wrap_socket(sock, server_side=True) as wrapped:
                    self.live.append(wrapped)
                    self._answer_all(wrapped)
            else:
                self._answer_all(sock)

    def _answer_all(self, sock: socket.socket) -> None:
        keep: bool | None = True
        while keep and (request := read_request(sock)):
            self.requests.append(request)
            script = self._scripts.pop(0) if len(self._scripts) > 1 else self._scripts[0]
            if callable(script):
                keep = script(sock, request)
            else:
                sock.sendall(script)
                keep = b"Content-Length" in script and b"Connection: close" not in script

    def stop(self) -> None:
        """End all conversations and wait for them."""
        self.stopping.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for sock in self.live:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(5)


def drip(server_says: bytes, *, every: float = 0.05) -> Script:
    """A script that sends these bytes one by one, then the last one for ever."""

    def script(sock: socket.socket, _request: bytes) -> None:
        waiter = threading.Event()
        for position in range(1_000_000):
            byte = server_says[position : position + 1] or server_says[-1:]
            sock.sendall(byte)
            waiter.wait(every)

    return script
