"""What servers and the boxes before them really send: no crash, the right error, unknown is never success."""

from __future__ import annotations

import gzip
import socket
import struct
import zlib
from typing import TYPE_CHECKING

import pytest

from portal.http_client import errors
from portal.http_client.response_json import read_json
from portal.http_client.send import send
from tests.portal.outbound.conftest import post_to
from tests.portal.outbound.raw_server import answer

if TYPE_CHECKING:
    from tests.portal.outbound.conftest import Serve
    from tests.portal.outbound.raw_server import Script

_HEAD = b"HTTP/1.1 200 OK\r\n"


def _reset(sock: socket.socket, _request: bytes) -> None:
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


def _bomb(times: int) -> bytes:
    packer = zlib.compressobj(wbits=31)
    return b"".join(packer.compress(b"\0" * 1_000_000) for _ in range(times)) + packer.flush()


_UNUSABLE: dict[str, tuple[Script, type[errors.OutboundError]]] = {
    "nothing": (lambda _sock, _request: None, errors.ConnectionLost),
    "reset": (_reset, errors.ConnectionLost),
    "half a status line": (b"HTTP/1.1 20", errors.BadAnswer),
    "a status line and no more": (b"HTTP/1.1 200 OK\r\n", errors.CutShort),
    "half the headers": (b"HTTP/1.1 200 OK\r\nContent-Type: application/js", errors.CutShort),
    "headers without their end": (b"HTTP/1.1 201 Created\r\nX: 0\r\n", errors.CutShort),
    "no HTTP": (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", errors.BadAnswer),
    "HTTP 0.9": (b"<html>hello</html>", errors.BadAnswer),
    "status with letters": (b"HTTP/1.1 abc OK\r\n\r\n", errors.BadAnswer),
    "status of two digits": (b"HTTP/1.1 20 OK\r\nContent-Length: 0\r\n\r\n", errors.BadAnswer),
    "status 999": (answer(999), errors.BadAnswer),
    "status 600": (answer(600, b"{}"), errors.BadAnswer),
    "status 101": (b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n", errors.BadAnswer),
    "status 103 only": (b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", errors.BadAnswer),
    "a header line of 100 kB": (_HEAD + b"X: " + b"a" * 100_000 + b"\r\n\r\n", errors.BadAnswer),
    "200 headers": (_HEAD + b"X: a\r\n" * 200 + b"\r\n", errors.BadAnswer),
    "body shorter than announced": (_HEAD + b"Content-Length: 9\r\nConnection: close\r\n\r\n{}", errors.CutShort),
    "chunks cut off": (_HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nab", errors.CutShort),
    "no last chunk": (_HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n", errors.CutShort),
    "chunk size without meaning": (_HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n", errors.CutShort),
    "endless chunk size": (_HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + b"1" * 200_000, errors.BadAnswer),
    "two lengths": (_HEAD + b"Content-Length: 2\r\nContent-Length: 5\r\n\r\n{}", errors.BadAnswer),
    "false gzip": (answer(200, b"no gzip at all", Content_Encoding="gzip"), errors.BadAnswer),
    "gzip bomb": (answer(200, _bomb(50), Content_Encoding="gzip"), errors.TooLarge),
    "3 MiB announced": (answer(200, b"x" * 3 * 1024 * 1024), errors.TooLarge),
    "3 MiB until the end": (_HEAD + b"\r\n" + b"x" * 3 * 1024 * 1024, errors.TooLarge),
    "HTML 502": (answer(502, b"<html>Bad Gateway</html>", Content_Type="text/html"), errors.ServerError),
    "empty 503": (answer(503), errors.ServerError),
}


@pytest.mark.parametrize("name", _UNUSABLE)
def test_an_unusable_answer_leaves_the_outcome_unknown(name: str, serve: Serve) -> None:
    script, expected = _UNUSABLE[name]
    server = serve(script)
    with pytest.raises(errors.OutboundError) as caught:
        send(post_to(server.url), {})
    assert type(caught.value) is expected
    assert caught.value.unknown_outcome
    assert caught.value.retryable
    assert len(server.requests) == 1, "nothing is ever sent a second time"


_BODIES: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "application/json"),
    "HTML with status 200": (b"<html>Please sign in</html>", "text/html"),
    "half a document": (b'{"a": [1, 2', "application/json"),
    "two documents": (b'{"a": 1}{"b": 2}', "application/json"),
    "NaN": (b'{"a": NaN}', "application/json"),
    "Infinity": (b'{"a": -Infinity}', "application/json"),
    "lists 100,000 deep": (b"[" * 100_000 + b"]" * 100_000, "application/json"),
    "objects 100,000 deep": (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "application/json"),
    "a number of 10,000 digits": (b"1" * 10_000, "application/json"),
    "bytes that are no UTF-8": (b'{"a": "\xff\xfe\xfa"}', "application/json"),
    "wrong charset announced": (b'{"a": "\xff"}', "application/json; charset=ascii"),
    "unknown charset announced": (b'{"a": "\xff"}', "application/json; charset=klingon"),
    "a codec that is no charset": (b'{"a": "\xff"}', "application/json; charset=zip"),
    "half a surrogate pair": (b'{"a": "\\ud83d"}', "application/json"),
    "a NUL": (b'{"a": "\\u0000"}', "application/json"),
    "odd UTF-16": (b'\xff\xfe{\0"\0a', "application/json"),
}


@pytest.mark.parametrize("name", _BODIES)
def test_a_2xx_whose_body_says_nothing_is_unreadable(name: str, serve: Serve) -> None:
    body, content_type = _BODIES[name]
    server = serve(answer(200, body, Content_Type=content_type))
    got = send(post_to(server.url), {})
    with pytest.raises(errors.Unreadable) as caught:
        read_json(got)
    assert caught.value.unknown_outcome
    assert caught.value.answer is got


_READABLE = {
    "UTF-8 with BOM": (b'\xef\xbb\xbf{"a": "\xc3\xa9"}', "application/json"),
    "UTF-16 with BOM": ('{"a": "é"}'.encode("utf-16"), "application/json"),
    "UTF-16 without BOM": ('{"a": "é"}'.encode("utf-16-le"), "application/json"),
    "UTF-32": ('{"a": "é"}'.encode("utf-32"), "application/json"),
    "Latin-1 that says so": ('{"a": "é"}'.encode("latin-1"), "application/json; charset=ISO-8859-1"),
    "a content type that lies": (b'{"a": "\xc3\xa9"}', "text/html"),
    "escaped": (b'{"a": "\\u00e9"}', ""),
}


@pytest.mark.parametrize("name", _READABLE)
def test_json_is_read_in_every_encoding_it_may_have(name: str, serve: Serve) -> None:
    body, content_type = _READABLE[name]
    server = serve(answer(200, body, Content_Type=content_type))
    assert read_json(send(post_to(server.url), {})) == {"a": "é"}


def test_gzip_is_unpacked(serve: Serve) -> None:
    server = serve(answer(200, gzip.compress(b'{"a": "' + b"x" * 500_000 + b'"}'), Content_Encoding="gzip"))
    assert read_json(send(post_to(server.url), {})) == {"a": "x" * 500_000}


def test_a_whole_pair_of_surrogates_is_a_letter(serve: Serve) -> None:
    server = serve(answer(200, b'{"a": "\\ud83d\\ude00"}'))
    assert read_json(send(post_to(server.url), {})) == {"a": "😀"}


def test_what_follows_an_answer_is_not_taken_for_the_next_one(serve: Serve) -> None:
    early = b"HTTP/1.1 103 Early Hints\r\n\r\n" + answer(200, b'"first"')
    server = serve(early + b"Content-Length", answer(200, b'"second"'))
    with pytest.raises(errors.BadAnswer):
        send(post_to(server.url), {})
    assert read_json(send(post_to(server.url), {})) == "second"
    assert server.connections == 2


def test_a_body_behind_a_204_is_not_taken_for_the_next_answer(serve: Serve) -> None:
    server = serve(answer(204) + answer(200, b'"stray"'), answer(200, b'"mine"'))
    assert send(post_to(server.url), {}).body == b""
    assert read_json(send(post_to(server.url), {})) == "mine"
