"""Ledger: an append-only record with one line for each request.

A line is written before its answer is sent, so an effect is recorded even if the reply is lost.
"""

from datetime import UTC, datetime
from io import FileIO
from pathlib import Path
from typing import NamedTuple

from portal.devtools.sandbox.http1 import NOT_JSON, Request, to_json


class Line(NamedTuple):
    """One line: its number, its JSON, and whether the request had an effect."""

    n: int
    text: bytes
    has_effect: bool


class Ledger:
    """Lines in memory and, with a path, also in a JSON Lines file. Numbers continue after `forget`."""

    def __init__(self, path: Path | None = None) -> None:
        self._last = 0
        self._lines: list[Line] = []
        self._file = _open(path) if path else None

    def record(self, request: Request, *, status: int | None, effect: str | None, fault: str | None) -> None:
        """Append one request. `status` is None if no status line was sent."""
        self._last += 1
        line = Line(self._last, _encode(self._last, request, status, effect, fault), effect is not None)
        self._lines.append(line)
        if self._file:
            self._file.write(line.text + b"\n")

    def as_json(self, *, after: int = 0, effects_only: bool = False) -> bytes:
        """Return a JSON list of the lines numbered above `after`."""
        chosen = (e.text for e in self._lines if e.n > after and (e.has_effect or not effects_only))
        return b"[" + b",".join(chosen) + b"]"

    def forget(self) -> None:
        """Clear the memory; the file keeps everything."""
        self._lines.clear()

    def close(self) -> None:
        """Close the file, if there is one."""
        if self._file:
            self._file.close()


def _open(path: Path) -> FileIO:
    path.touch(mode=0o600)  # bodies contain secrets
    return path.open("ab", buffering=0)  # unbuffered: a line is in the file before its answer is sent


def _encode(n: int, request: Request, status: int | None, effect: str | None, fault: str | None) -> bytes:
    line = {
        "n": n,
        "time": datetime.now(UTC).isoformat(timespec="microseconds"),
        "method": request.method,
        "path": request.path,
        "query": request.query,
        "headers": request.headers,
        "body": _body(request),
        "status": status,
        "effect": effect,
        "fault": fault,
    }
    try:
        return to_json(line)
    except RecursionError:  # a body can be shallow enough to parse and too deep to serialise inside the line
        return to_json(line | {"body": request.text})


def _body(request: Request) -> object:
    if not request.body:
        return None
    return request.text if request.json is NOT_JSON else request.json
