"""TCP connection of the sandbox: reads requests and plays their response plans one after the other."""

import asyncio
import socket
import struct
from itertools import repeat
from typing import Final, cast

from portal.devtools.sandbox import control_plane
from portal.devtools.sandbox.fault_queue import Rule
from portal.devtools.sandbox.http1 import MalformedRequestError, Request, body_length, read_head, write
from portal.devtools.sandbox.nexus_forms import refusal
from portal.devtools.sandbox.response_plan import CLOSE, RESET, Ending, Script
from portal.devtools.sandbox.sandbox import Sandbox

_MAX_HEAD: Final = 65_536
_MAX_BODY: Final = 8 * 1024 * 1024
_ROUNDING: Final = 0.0005  # seconds: epoll rounds waits up to whole milliseconds, by half of one on average
_TEAR: Final = struct.pack("ii", 1, 0)  # SO_LINGER on, with 0 seconds: close() sends RST


class Connection(asyncio.Protocol):
    """Reads a request, gets its response plan from the sandbox, plays it, then reads on."""

    def __init__(self, sandbox: Sandbox, connected: set["Connection"]) -> None:
        self._sandbox = sandbox
        self._connected = connected
        self._loop = asyncio.get_running_loop()
        self._buffer = bytearray()
        self._request: Request | None = None  # its head was read, its body is incomplete
        self._rule: Rule | None = None
        self._script: Script | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._write_paused = False
        self._closing = False
        self._counted = False

    # Called by asyncio

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Register the connection."""
        self._transport = cast("asyncio.Transport", transport)
        self._connected.add(self)
        self._sandbox.counts.connections_accepted += 1

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        """Stop playing."""
        self._connected.discard(self)
        if self._timer:
            self._timer.cancel()
        self._script, self._closing = None, True

    def data_received(self, data: bytes) -> None:
        """Take bytes and answer the requests that they complete."""
        self._buffer += data
        if len(self._buffer) > _MAX_BODY + _MAX_HEAD:
            self._transport.abort()
        elif self._script is None:
            self._serve()

    def pause_writing(self) -> None:
        """The client reads more slowly than the sandbox writes."""
        self._write_paused = True

    def resume_writing(self) -> None:
        """The client has caught up."""
        self._write_paused = False
        if self._script and not self._timer:
            self._play_on()

    # Reading

    def _serve(self) -> None:
        """Answer complete requests, one at a time, until a response plan has to wait."""
        try:
            while self._script is None and not self._closing and self._take_request():
                self._play()
        except MalformedRequestError as error:
            self._refuse(400, str(error))

    def _take_request(self) -> bool:
        """Read a request and start its response plan; return False if bytes are missing."""
        if self._request is None and not self._take_head():
            return False
        request, rule = cast("Request", self._request), self._rule
        length = body_length(request)
        if length > _MAX_BODY:
            self._refuse(413, "The sandbox reads no body above 8 MiB.")
            return False
        if len(self._buffer) < length and not (rule and rule.fault.at_once):
            return False
        request.body = bytes(self._buffer[:length])
        del self._buffer[:length]
        self._request = self._rule = None
        self._start(request, rule)
        return True

    def _take_head(self) -> bool:
        stop = self._buffer.find(b"\r\n\r\n")
        if stop < 0:
            if len(self._buffer) > _MAX_HEAD:
                self._refuse(431, "The head of the request is above 64 KiB.")
            return False
        request = self._request = read_head(bytes(self._buffer[:stop]))
        del self._buffer[: stop + 4]
        if not request.path.startswith(control_plane.PREFIX):
            self._count()
            self._rule = self._sandbox.faults.choose(request)
        if request.headers.get("expect", "").lower() == "100-continue":
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        return True

    def _count(self) -> None:
        self._sandbox.counts.connections += not self._counted
        self._counted = True

    def _refuse(self, status: int, message: str) -> None:
        """Refuse bytes that are no request, and close, because the start of the next request is unknown."""
        garbage = Request("?", "", "", "", {}, bytes(self._buffer[:_MAX_HEAD]))
        self._sandbox.write_down(self._request or garbage, status, None)
        self._transport.write(write(refusal(status, message)))
        self._transport.close()
        self._closing = True

    # Writing

    def _start(self, request: Request, rule: Rule | None) -> None:
        self._closing = request.wants_close
        if request.path.startswith(control_plane.PREFIX):
            self._script = iter((write(control_plane.handle(self._sandbox, request)),))
            return
        self._script = self._sandbox.answer(request, rule)
        if self._sandbox.latency:
            self._timer = self._loop.call_later(self._sandbox.latency - _ROUNDING, self._play_on)

    def _play_on(self) -> None:
        """Continue after a wait, then serve the next request."""
        self._timer = None
        self._play()
        if self._script is None:
            self._serve()

    def _play(self) -> None:
        """Play until the plan waits, ends, or has more data than the client takes."""
        if self._script is None or self._timer:
            return
        for step in self._script:
            if isinstance(step, bytes):
                self._transport.write(step)
            elif isinstance(step, Ending):
                self._end(step)
                return
            else:
                self._timer = self._loop.call_later(step, self._play_on)
            if self._timer or self._write_paused:
                return
        self._script = None
        if self._closing:
            self._transport.close()

    def _end(self, ending: Ending) -> None:
        """End the plan for good: a later wake-up finds the same ending, so no further request is served."""
        self._script = repeat(ending)
        if ending is CLOSE:
            self._transport.close()
        elif ending is RESET:
            self.tear()

    def tear(self) -> None:
        """Close with RST instead of FIN."""
        raw = self._transport.get_extra_info("socket")
        if raw is not None and raw.fileno() >= 0:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _TEAR)
        self._transport.abort()
