"""Total deadline of a request: none lasts longer than OUTBOUND_TOTAL_SECONDS.

Socket timeouts apply to each read, so a server that sends a byte every few seconds could keep a call open forever. So
each process has a watchdog thread that knows all running attempts and, at the deadline, shuts the socket down, which
ends any wait on it at once.

It uses a duplicate of the socket (the `line`), made on connecting: during the TLS handshake the original changes
owners, and with "Connection: close" it is closed while the body is still being read.
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

from portal.core.transactions import require_none

if TYPE_CHECKING:
    from types import TracebackType

    from portal.outbound.destinations import Destination
    from portal.outbound.guard import GuardedConnection


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
        raise RuntimeError("Nothing is sent except through portal.outbound.sending.send.")
    return _here.attempt
