"""HTTP/1.1 serialisation: parses requests and writes answers.

A library would refuse to write most of the faults, and would be slower.
"""

import json
import uuid
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus
from typing import Final, NamedTuple
from urllib.parse import parse_qs, unquote

Headers = tuple[tuple[str, str], ...]

REASONS: Final = {status.value: status.phrase for status in HTTPStatus}
_NO_CONTENT: Final = 204
NOT_JSON: Final = object()  # None would be JSON null


class MalformedRequestError(Exception):
    """Bytes that are no HTTP/1.1 request; the message says why."""


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)
_ENCODER = json.JSONEncoder(separators=(",", ":"))


@dataclass
class Request:
    """One request: decoded `path` without its query, header names in lower case, the raw body."""

    method: str
    path: str
    query: str
    version: str
    headers: dict[str, str]
    body: bytes = b""

    @cached_property
    def json(self) -> object:
        """Return the body as strict JSON in UTF-8, or `NOT_JSON`."""
        try:
            return _DECODER.decode(self.body.decode())
        except (ValueError, RecursionError):
            return NOT_JSON

    @property
    def text(self) -> str:
        """Return the body as text, with invalid bytes replaced."""
        return self.body.decode(errors="replace")

    def parameter(self, name: str) -> str:
        """Return the first value of a query parameter, or an empty string."""
        return parse_qs(self.query).get(name, [""])[0]

    def form(self, name: str) -> str:
        """Return the first value of a form field in the body, or an empty string."""
        return parse_qs(self.text, keep_blank_values=True).get(name, [""])[0]

    @property
    def wants_close(self) -> bool:
        """Return whether the connection closes after the answer."""
        return self.version == "HTTP/1.0" or self.headers.get("connection", "").lower() == "close"


def read_head(raw: bytes) -> Request:
    """Parse the head of a request, without the empty line at its end. Raises `MalformedRequestError`."""
    first, *lines = raw.decode("latin-1").split("\r\n")
    parts = first.split(" ")
    if len(parts) != 3 or not parts[2].startswith("HTTP/1."):  # noqa: PLR2004 - method, target, version
        raise MalformedRequestError("The request line is not 'METHOD target HTTP/1.x'.")
    path, _, query = parts[1].partition("?")
    return Request(parts[0], unquote(path), query, parts[2], _read_headers(lines))


def _read_headers(lines: list[str]) -> dict[str, str]:
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon:
            raise MalformedRequestError("A header line has no colon.")
        key, value = name.lower(), value.strip()
        headers[key] = f"{headers[key]}, {value}" if key in headers else value
    return headers


def body_length(request: Request) -> int:
    """Return the announced length of the body. Raises `MalformedRequestError` for invalid values and for chunks."""
    if "transfer-encoding" in request.headers:
        raise MalformedRequestError("The sandbox reads no chunked requests: send Content-Length.")
    announced = request.headers.get("content-length", "0")
    if not announced.isdecimal():
        raise MalformedRequestError("Content-Length is not a number.")
    return int(announced)


class Answer(NamedTuple):
    """An honest answer, before it is serialised."""

    status: int
    body: bytes = b""
    headers: Headers = ()
    content_type: str = "application/json"


def to_json(value: object) -> bytes:
    """Return compact JSON in ASCII, and so on a single line."""
    return _ENCODER.encode(value).encode("ascii")


def json_answer(status: int, document: object, headers: Headers = ()) -> Answer:
    """Return an answer with a JSON body."""
    return Answer(status, to_json(document), headers)


def start(status: int, headers: Headers = ()) -> bytes:
    """Return status line, a new `inin-correlation-id` and the headers, without the empty line that ends a head."""
    lines = "".join([f"{name}: {value}\r\n" for name, value in headers])
    reason = REASONS.get(status, "Unknown")
    return f"HTTP/1.1 {status} {reason}\r\ninin-correlation-id: {uuid.uuid4()}\r\n{lines}".encode("latin-1", "replace")


def write_head(answer: Answer) -> bytes:
    """Return the head of a correctly framed answer."""
    fixed = f"Content-Type: {answer.content_type}\r\nContent-Length: {len(answer.body)}\r\n\r\n"
    return start(answer.status, answer.headers) + fixed.encode("ascii")


def write(answer: Answer) -> bytes:
    """Return a correctly framed answer."""
    if answer.status == _NO_CONTENT:  # it has neither a body nor headers about one
        return start(answer.status, answer.headers) + b"\r\n"
    return write_head(answer) + answer.body
