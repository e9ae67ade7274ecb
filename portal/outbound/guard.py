"""SSRF protection: urllib3 connections and pools that connect only to checked addresses.

The name is resolved once, EVERY address is checked against the destination's policy, and the socket connects to one of
these very addresses: a name that resolves differently a moment later (DNS rebinding) gains nothing. Host header, SNI
and certificate check still use the name.
"""

from __future__ import annotations

import socket
import time
from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

from portal.outbound import deadline, policy, resolver
from portal.outbound.errors import ConnectFailed, ConnectTimedOut, OutboundError
from portal.outbound.whole_head import WholeHeadResponse

if TYPE_CHECKING:
    from urllib3._base_connection import BaseHTTPConnection
    from urllib3.response import BaseHTTPResponse

    from portal.outbound.deadline import Attempt
    from portal.outbound.resolver import Endpoint

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
    policy.demand(attempt.destination, host, [endpoint.address for endpoint in endpoints], tls=tls)
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
        attempt = deadline.current()
        # _dns_host and not host: urllib3 strips a trailing dot there, which tells DNS not to use search domains.
        sock = dial(self._dns_host, self.port, attempt, tls=self.tls)
        self.line = sock.dup()
        attempt.watch(self.line)
        return sock

    def send(self, data: Any) -> None:
        """Note that the request starts to leave, then send."""
        if self.sock is None:
            self.connect()
        deadline.current().sent = True
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
            conn.serve(deadline.current())
        return super()._make_request(conn, *args, **kwargs)


class GuardedTLSPool(GuardedPool, HTTPSConnectionPool):
    """The same with TLS."""

    ConnectionCls = GuardedTLSConnection
