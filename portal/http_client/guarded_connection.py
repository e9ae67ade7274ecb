"""SSRF protection: urllib3 connections and pools that connect only to checked addresses.

The name is resolved once, EVERY address is checked against the destination's policy, and the socket connects to one of
these very addresses: a name that resolves differently a moment later (DNS rebinding) gains nothing. Host header, SNI
and certificate check still use the name.
"""

from __future__ import annotations

import contextlib
import heapq
import itertools
import os
import socket
import threading
import time
from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.conf import settings
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

from portal.core.transactions import require_none
from portal.http_client import address_policy, resolver
from portal.http_client.errors import ConnectFailed, ConnectTimedOut, OutboundError
from portal.http_client.strict_response import WholeHeadResponse

if TYPE_CHECKING:
    from types import TracebackType

    from urllib3._base_connection import BaseHTTPConnection
    from urllib3.response import BaseHTTPResponse

    from portal.http_client.destinations import Destination
    from portal.http_client.resolver import Endpoint


class Watchdog:
    """One thread and a heap of (deadline, attempt); finished attempts stay in it until their deadline."""

    def __init__(self) -> None:
        self.lock = threading.Condition()
        self._heap: list[tuple[float, int, Attempt]] = []
        self._order = itertools.count()
        self._thread: threading.Thread | None = None

    def arm(self, attempt: Attempt) -> None:
        """End the attempt at its deadline."""
        with self.lock:
            heapq.heappush(self._heap, (attempt.deadline, next(self._order), attempt))
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="outbound-watchdog", daemon=True)
                self._thread.start()
            elif self._heap[0][2] is attempt:
                self.lock.notify()

    def _run(self) -> None:
        with self.lock:
            while True:
                wait = self._heap[0][0] - time.monotonic() if self._heap else None
                if wait is None or wait > 0:
                    self.lock.wait(wait)
                else:
                    heapq.heappop(self._heap)[2].expire()


class _Here(threading.local):
    attempt: Attempt | None = None


_here = _Here()

_watchdog = Watchdog()


def _forget_parent() -> None:
    """A forked child has neither the parent's thread nor a usable lock."""
    global _watchdog  # noqa: PLW0603 - one watchdog per process
    _watchdog = Watchdog()
    _here.attempt = None


os.register_at_fork(after_in_child=_forget_parent)


class Attempt:
    """One request in progress, from DNS to the last byte of the body; a thread has one at a time."""

    __slots__ = (
        "_line",
        "_watchdog",
        "connection",
        "deadline",
        "destination",
        "ended",
        "expired",
        "sent",
        "started",
    )

    def __init__(self, destination: Destination, seconds: float) -> None:
        require_none("A request")  # here, since nothing connects without an attempt
        self.destination = destination
        self.started = time.monotonic()
        self.deadline = self.started + seconds
        self.sent = False  # True from just before the first byte of the request is sent
        self.expired = False
        self.ended = False
        self.connection: GuardedConnection | None = None
        self._line: socket.socket | None = None
        self._watchdog = _watchdog

    def __enter__(self) -> Self:
        _here.attempt = self
        self._watchdog.arm(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._watchdog.lock:
            self.ended = True
            line, self._line = self._line, None
        _here.attempt = None
        connection, self.connection = self.connection, None
        if line is not None and (connection is None or connection.line is not line):
            line.close()  # the connection has been closed and left its line to us

    def remaining(self) -> float:
        """Seconds until the deadline, never negative."""
        return max(0.0, self.deadline - time.monotonic())

    @property
    def over(self) -> bool:
        """Whether the deadline has passed, even if the watchdog has not run yet."""
        return self.expired or self.remaining() <= 0

    def milliseconds(self) -> int:
        """Elapsed time in milliseconds."""
        return round((time.monotonic() - self.started) * 1000)

    def watch(self, line: socket.socket) -> None:
        """Shut this socket down at the deadline, or at once if it has passed."""
        with self._watchdog.lock:
            self._line = line
            if self.expired:
                _shut(line)

    def watches(self, line: socket.socket) -> bool:
        """Whether the attempt still needs this line, and closes it later."""
        return not self.ended and self._line is line

    def expire(self) -> None:
        """Called by the watchdog, with its lock held."""
        if not self.ended:
            self.expired = True
            if self._line is not None:
                _shut(self._line)

    def drop(self) -> None:
        """Close the connection: later data on it has no reader."""
        if self.connection is not None:
            self.connection.close()


def _shut(line: socket.socket) -> None:
    with contextlib.suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)


def current() -> Attempt:
    """This thread's running attempt; connecting without one would bypass the guard."""
    if _here.attempt is None:
        raise RuntimeError("Nothing is sent except through portal.http_client.send.send.")
    return _here.attempt


# Servers close idle connections (Node after 5 s), and a POST on a closing connection has an unknown outcome.
IDLE_SECONDS = 4.0


def _connect(endpoint: Endpoint, seconds: float) -> socket.socket:
    sock = socket.socket(endpoint.family, socket.SOCK_STREAM)
    try:
        sock.settimeout(seconds)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.connect((str(endpoint.address), endpoint.port))
    except BaseException:
        sock.close()
        raise
    return sock


def dial(host: str, port: int, attempt: Attempt, *, tls: bool) -> socket.socket:
    """A socket to the first reachable checked address of `host`. Raises a NotSent."""
    window = settings.OUTBOUND_CONNECT_SECONDS
    endpoints = resolver.lookup(host, port, min(window, attempt.remaining()))
    address_policy.require_allowed(attempt.destination, host, [endpoint.address for endpoint in endpoints], tls=tls)
    failure: type[OutboundError] = ConnectFailed
    for endpoint in endpoints:
        seconds = min(window, attempt.remaining())
        if seconds <= 0:
            failure = ConnectTimedOut
            break
        try:
            return _connect(endpoint, seconds)
        except OSError as error:
            failure = ConnectTimedOut if isinstance(error, TimeoutError) else ConnectFailed
    raise failure(host)


class GuardedConnection(HTTPConnection):
    """A connection, opened for one attempt and reused by later ones."""

    tls: ClassVar[bool] = False
    response_class = WholeHeadResponse
    debuglevel = 0  # otherwise http.client could print headers, with keys, if its global switch is set
    attempt: Attempt | None = None
    line: socket.socket | None = None
    rested = 0.0  # when it was returned to the pool

    def serve(self, attempt: Attempt) -> None:
        """Assign the connection to this attempt until its end."""
        self.attempt = attempt
        attempt.connection = self
        if self.line is not None:
            attempt.watch(self.line)

    def _new_conn(self) -> socket.socket:
        attempt = current()
        # _dns_host and not host: urllib3 strips a trailing dot there, which tells DNS not to use search domains.
        sock = dial(self._dns_host, self.port, attempt, tls=self.tls)
        self.line = sock.dup()
        attempt.watch(self.line)
        return sock

    def send(self, data: Any) -> None:
        """Note that the request starts to leave, then send."""
        if self.sock is None:
            self.connect()
        current().sent = True
        super().send(data)

    def close(self) -> None:
        """Close the line too, unless the running attempt is still reading a body from it."""
        super().close()
        line, self.line = self.line, None
        if line is not None and not (self.attempt is not None and self.attempt.watches(line)):
            line.close()


class GuardedTLSConnection(GuardedConnection, HTTPSConnection):
    """The same with TLS."""

    tls = True


class GuardedPool(HTTPConnectionPool):
    """Connections to one host."""

    ConnectionCls = GuardedConnection

    def _get_conn(self, timeout: float | None = None) -> BaseHTTPConnection:
        """Reuse a pooled connection only if it is neither closed (urllib3 checks that) nor idle for too long."""
        conn = super()._get_conn(timeout)
        if isinstance(conn, GuardedConnection) and time.monotonic() - conn.rested > IDLE_SECONDS:
            conn.close()
        return conn

    def _put_conn(self, conn: BaseHTTPConnection | None) -> None:
        if isinstance(conn, GuardedConnection):
            conn.rested = time.monotonic()
        super()._put_conn(conn)

    def _make_request(self, conn: BaseHTTPConnection, *args: Any, **kwargs: Any) -> BaseHTTPResponse:
        if isinstance(conn, GuardedConnection):
            conn.serve(current())
        return super()._make_request(conn, *args, **kwargs)


class GuardedTLSPool(GuardedPool, HTTPSConnectionPool):
    """The same with TLS."""

    ConnectionCls = GuardedTLSConnection
