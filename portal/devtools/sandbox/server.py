"""Server of the sandbox: listens, announces its address, and stops on a signal."""

import asyncio
import signal
import socket
import sys
from pathlib import Path

from portal.devtools.sandbox.connection import Connection
from portal.devtools.sandbox.sandbox import Sandbox


async def serve(sandbox: Sandbox, *, host: str, port: int, port_file: Path | None) -> None:
    """Serve until SIGTERM or SIGINT; port 0 selects a free port."""
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    connected: set[Connection] = set()
    server = await loop.create_server(lambda: Connection(sandbox, connected), host, port, backlog=1024)
    _announce(server.sockets[0], port_file)
    await stop.wait()
    server.close()
    for connection in list(connected):
        connection.tear()
    await asyncio.sleep(0)  # lets the reset connections finish before the loop closes
    sandbox.ledger.close()


def _announce(listening: socket.socket, port_file: Path | None) -> None:
    host, port = listening.getsockname()[:2]
    if port_file:
        unfinished = port_file.with_suffix(".tmp")
        unfinished.write_text(f"{port}\n")
        unfinished.replace(port_file)  # a reader sees the whole number or no file
    shown = f"[{host}]" if ":" in host else host
    sys.stdout.write(f"sandbox listening on http://{shown}:{port}\n")
    sys.stdout.flush()
