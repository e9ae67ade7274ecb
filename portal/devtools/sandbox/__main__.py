"""Command line of the sandbox: `python -m portal.devtools.sandbox`."""

import argparse
import asyncio
from pathlib import Path

from portal.devtools.sandbox.sandbox import Sandbox
from portal.devtools.sandbox.server import serve


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m portal.devtools.sandbox", description="A stand-in for the outside systems."
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default 127.0.0.1)")
    parser.add_argument("--port", type=int, default=0, help="port to listen on (default 0: any free one)")
    parser.add_argument("--port-file", type=Path, help="file that receives the port")
    parser.add_argument("--ledger", type=Path, help="JSON Lines file that receives every request")
    parser.add_argument("--latency-ms", type=float, default=0, help="wait before every answer (default 0)")
    parser.add_argument("--api-key", help="the only x-api-key taken (default: any)")
    return parser.parse_args()


def main() -> None:
    """Run the sandbox until a signal ends it."""
    given = _arguments()
    sandbox = Sandbox(ledger=given.ledger, latency_ms=given.latency_ms, api_key=given.api_key)
    asyncio.run(serve(sandbox, host=given.host, port=given.port, port_file=given.port_file))


if __name__ == "__main__":
    main()
