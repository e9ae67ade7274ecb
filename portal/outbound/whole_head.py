"""An answer's head must be whole: http.client takes a connection cut in the headers for the end of the headers.

Without this, a server that dies after "HTTP/1.1 200 OK" would have answered 200 with an empty body: a success.
"""

from __future__ import annotations

from http.client import HTTPResponse, IncompleteRead
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from io import BufferedReader


class _Lines:
    """Stands before the stream while the head is read, and knows whether its last line came."""

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
    """http.client's response, which raises IncompleteRead when the connection ends within the head."""

    def begin(self) -> None:
        """Read the head."""
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
