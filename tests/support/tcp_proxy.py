"""A small TCP proxy on loopback that a test can make refuse, swallow or pass what comes to it."""

import asyncio
import contextlib
import ssl
import threading
from collections.abc import Coroutine
from enum import Enum
from typing import Any

from portal.devtools.services import ports

_CHUNK = 64 * 1024


class Mode(Enum):
    """What happens to connections: passed on, refused, or taken and never answered."""

    PASS = "pass"
    REFUSE = "refuse"
    SWALLOW = "swallow"


class TcpProxy:
    """Forwards `port` to `target`, both on loopback, in a thread of its own; begins by passing everything on.

    With `tls` it is spoken to in TLS, and speaks without.
    """

    def __init__(self, target: int, tls: ssl.SSLContext | None = None) -> None:
        self.target, self._tls = target, tls
        self.port = ports.free_port()
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._flowing = asyncio.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="tcp-proxy", daemon=True)
        self._thread.start()
        self.set(Mode.PASS)

    def set(self, mode: Mode) -> None:
        """Change what happens, to open connections too: SWALLOW stops what flows in them, the others cut them."""
        asyncio.run_coroutine_threadsafe(self._set(mode), self._loop).result(10)

    def stop(self) -> None:
        """End everything."""
        self.set(Mode.REFUSE)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _set(self, mode: Mode) -> None:
        self._flowing.clear()
        await self._let_in()
        if mode is Mode.REFUSE and self._server:  # first, so that nobody comes in behind the cut
            self._server.close()
            self._server = None
        if mode is not Mode.SWALLOW:
            await self._cut()
        if mode is not Mode.REFUSE and not self._server:
            self._server = await asyncio.start_server(self._accept, ports.LOOPBACK, self.port, ssl=self._tls)
        if mode is Mode.PASS:
            self._flowing.set()

    async def _let_in(self) -> None:
        """Wait for asyncio's own tasks, which accept: one that is cancelled, or whose server closes, leaks a socket."""
        while accepting := asyncio.all_tasks() - self._tasks - {asyncio.current_task()}:
            await asyncio.wait(accepting)

    async def _cut(self) -> None:
        """Reset every connection, and wait until those who served them have noticed."""
        cut, self._writers = self._writers, set()
        for writer in cut:
            writer.transport.abort()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Know the connection at once: one whose task is cancelled before it begins must be cut all the same."""
        self._writers.add(writer)
        self._begin(self._take(reader, writer))

    def _begin(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        self._tasks.add(task := self._loop.create_task(work))
        task.add_done_callback(self._tasks.discard)
        return task

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.CancelledError):
            await self._flowing.wait()
            far_reader, far_writer = await asyncio.open_connection(ports.LOOPBACK, self.target)
            self._writers.add(far_writer)
            flows = (self._pump(reader, far_writer), self._pump(far_reader, writer))
            await asyncio.gather(*map(self._begin, flows))
        writer.close()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while piece := await reader.read(_CHUNK):
                await self._flowing.wait()
                writer.write(piece)
                await writer.drain()
        finally:
            writer.close()
            self._writers.discard(writer)
