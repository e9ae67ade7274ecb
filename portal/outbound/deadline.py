"""Nothing lasts longer than OUTBOUND_TOTAL_SECONDS, whatever the other side does.

Time-outs of sockets are per read: a byte every few seconds holds a call for ever. So one watchdog thread in
each process knows every running attempt and, at its deadline, shuts its socket down, which ends any wait in
it at once.

It does so on a duplicate of the socket (the `line`), made at the connect: during the TLS handshake the
original changes hands, and on "Connection: close" it is closed while the body is still being read.
"""

from __future__ import annotations

import contextlib
import heapq
import itertools
import os
import socket
import threading
import time
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from types import TracebackType

    from portal.outbound.destinations import Destination
    from portal.outbound.guard import GuardedConnection


class Watchdog:
    """One thread, one heap of (deadline, attempt); ended attempts stay in it until their time."""

    def __init__(self) -> None:
        self.lock = threading.Condition()
        self._heap: list[tuple[float, int, Attempt]] = []
        self._order = itertools.count()
        self._thread: threading.Thread | None = None

    def arm(self, attempt: Attempt) -> None:
        """From now on the attempt ends at its deadline."""
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
    """A forked child has neither the parent's thread nor a right to its lock."""
    global _watchdog  # noqa: PLW0603 - one watchdog a process is the point
    _watchdog = Watchdog()
    _here.attempt = None


os.register_at_fork(after_in_child=_forget_parent)


class Attempt:
    """One request on its way, from DNS to the body's last byte; a thread has one at a time."""

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
        self.destination = destination
        self.started = time.monotonic()
        self.deadline = self.started + seconds
        self.sent = False  # True from just before the first byte of the request leaves
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
            line.close()  # the connection is gone and left its line to us

    def remaining(self) -> float:
        """Seconds until the deadline, never negative."""
        return max(0.0, self.deadline - time.monotonic())

    @property
    def over(self) -> bool:
        """Whether time is up, a moment before the watchdog's turn included."""
        return self.expired or self.remaining() <= 0

    def milliseconds(self) -> int:
        """How long it has taken so far."""
        return round((time.monotonic() - self.started) * 1000)

    def watch(self, line: socket.socket) -> None:
        """Shut this socket down at the deadline (at once, when that has passed)."""
        with self._watchdog.lock:
            self._line = line
            if self.expired:
                _shut(line)

    def watches(self, line: socket.socket) -> bool:
        """Whether the attempt still needs this line, and closes it later."""
        return not self.ended and self._line is line

    def expire(self) -> None:
        """Called by the watchdog, under its lock."""
        if not self.ended:
            self.expired = True
            if self._line is not None:
                _shut(self._line)

    def drop(self) -> None:
        """Close the connection: what comes over it from now on belongs to nobody."""
        if self.connection is not None:
            self.connection.close()


def _shut(line: socket.socket) -> None:
    with contextlib.suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)


def current() -> Attempt:
    """This thread's running attempt; whoever connects without one is going round the guard."""
    if _here.attempt is None:
        raise RuntimeError("Nothing is sent except through portal.outbound.sending.send.")
    return _here.attempt
