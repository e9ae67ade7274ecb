"""HTTP serialization: a Request becomes requests' PreparedRequest, and its response an Answer."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from django.conf import settings
from requests import PreparedRequest, Response
from requests.hooks import default_hooks
from requests.structures import CaseInsensitiveDict

from portal.http_client.destinations import Destination
from portal.http_client.errors import TooLarge, UnsendableRequest
from portal.http_client.messages import Answer
from portal.http_client.rendering import body_to_send, header_to_send, headers_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from portal.http_client.guarded_connection import Attempt
    from portal.http_client.messages import Request, Secret

LARGEST_BODY = 2 * 1024 * 1024  # after decompression

#: The largest response of an identity provider is its set of keys.
_SMALLER: Mapping[Destination, int] = {Destination.SIGN_ON: 256 * 1024}


def seconds_for(destination: Destination) -> float:
    """Limit from DNS to the last byte; shorter for single sign-on, which occupies a thread of the web server."""
    total: float = settings.OUTBOUND_TOTAL_SECONDS
    return min(total, settings.OUTBOUND_SIGN_ON_SECONDS) if destination == Destination.SIGN_ON else total


def largest_body_of(destination: Destination) -> int:
    """Limit in bytes, after decompression."""
    return _SMALLER.get(destination, LARGEST_BODY)


_CHUNK = 64 * 1024

_STANDARD_HEADERS = {"User-Agent": "messaging-portal", "Accept": "*/*", "Accept-Encoding": "gzip"}

_HEADER_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")

_HEADER_VALUE = re.compile(r"[\x20-\x7e\t]*")

_CORRELATION_HEADERS = ("inin-correlation-id", "x-request-id", "x-correlation-id", "x-b3-traceid")

_CORRELATION_ID = re.compile(r"[\x21-\x7e]{1,128}")

_NO_CONTENT = {204, 304}

_FIRST_FINAL_STATUS = 200


def _reveal_from(secrets: Mapping[str, str], host: str) -> dict[str, str]:
    """A checked copy, so that the caller's mapping cannot fail or change in the middle of a request."""
    for name, value in secrets.items():
        if not isinstance(value, str):
            raise UnsendableRequest(host, detail=f"The secret {name} is not a text.")
    return dict(secrets)


def _header_lines(request: Request, values: Mapping[str, str], host: str) -> CaseInsensitiveDict[str]:
    lines: CaseInsensitiveDict[str] = CaseInsensitiveDict(_STANDARD_HEADERS)
    for name, value in headers_of(request).items():
        line = header_to_send(value, lambda secret: values[secret.name])
        if not _HEADER_NAME.fullmatch(name) or not _HEADER_VALUE.fullmatch(line):
            raise UnsendableRequest(
                host,
                detail=f"The header {name!r} holds a line break or other forbidden character.",
            )
        lines[name] = line
    return lines


def _body_bytes(request: Request, values: Mapping[str, str], host: str) -> bytes | None:
    def reveal(secret: Secret) -> str:
        return values[secret.name]

    try:
        text = body_to_send(request, reveal)
    except (TypeError, ValueError):  # NaN, or a value that JSON does not support
        text = ""
    if text == "":
        raise UnsendableRequest(host, detail="The body is not valid JSON.")
    return None if text is None else text.encode()


def prepare(request: Request, secrets: Mapping[str, str], host: str) -> PreparedRequest:
    """The request with its secrets. Built here because requests itself reads the environment and rewrites URLs.

    Raises UnsendableRequest, whose text names the header or secret and never shows a value.
    """
    values = _reveal_from(secrets, host)
    prepared = PreparedRequest()
    try:
        prepared.headers = _header_lines(request, values, host)
        prepared.body = _body_bytes(request, values, host)
        missing = None
    except KeyError as error:
        missing = str(error.args[0])
    if missing is not None:
        raise UnsendableRequest(host, detail=f"The secret {missing} is missing.")
    prepared.method = request.method.upper()
    prepared.url = request.url
    prepared.hooks = default_hooks()
    if prepared.body is not None or prepared.method != "GET":
        prepared.headers["Content-Length"] = str(len(prepared.body or b""))
    return prepared


def _read_body(response: Response, host: str, largest: int) -> bytes:
    """The whole body, decompressed in pieces against gzip bombs; raises TooLarge."""
    pieces: list[bytes] = []
    size = 0
    while piece := response.raw.read(_CHUNK, decode_content=True):
        size += len(piece)
        if size > largest:
            raise TooLarge(host)
        pieces.append(piece)
    return b"".join(pieces)


def _correlation_id(headers: Mapping[str, str]) -> str:
    """The correlation id, or "" if it is invalid: a shortened one could be a secret that is not recognised."""
    found = next((headers[name] for name in _CORRELATION_HEADERS if headers.get(name)), "")
    return found if _CORRELATION_ID.fullmatch(found) else ""


def receive(response: Response, attempt: Attempt, host: str) -> Answer:
    """Read the response to its end; the connection is then back in the pool, or closed."""
    status = response.status_code
    try:
        if status < _FIRST_FINAL_STATUS or status in _NO_CONTENT:
            # It has no body. If one follows all the same, the next request would read it as its own response.
            attempt.drop()
            body = b""
        else:
            body = _read_body(response, host, largest_body_of(attempt.destination))
    finally:
        response.close()
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Answer(status, headers, body, _correlation_id(headers), attempt.milliseconds(), host)
