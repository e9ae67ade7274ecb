"""Strict HTTP response parsing: a response that ends inside its headers is an error.

http.client takes the end of the connection for the end of the headers. So a server that dies after "HTTP/1.1 200 OK"
would count as a 200 with an empty body: a success.
"""

from __future__ import annotations

from http.client import HTTPResponse, IncompleteRead
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from io import BufferedReader


class _Lines:
    """Wraps the stream while the headers are read, and notes whether it ended."""

    def __init__(self, stream: BufferedReader) -> None:
        self._stream = stream
        self.ended = False

    def readline(self, limit: int = -1) -> bytes:
        line = self._stream.readline(limit)
        self.ended = not line
        return line

    def close(self) -> None:
        self._stream.close()


class WholeHeadResponse(HTTPResponse):
    """http.client's response, which raises IncompleteRead if the connection ends within the headers."""

    def begin(self) -> None:
        """Read the status line and headers."""
        stream = self.fp
        lines = _Lines(stream)
        self.fp = cast("BufferedReader", lines)
        try:
            super().begin()
        finally:
            if self.fp is not None:
                self.fp = stream
        if lines.ended:
            raise IncompleteRead(b"")
