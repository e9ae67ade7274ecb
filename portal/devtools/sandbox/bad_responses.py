"""Bad responses in valid HTTP: refusals, redirects, unexpected bodies, hostile contents.

Each function is, or returns, the response plan of one fault; the catalogue of faults names and describes them.
"""

import base64
import json
import struct
import zlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import cache, reduce
from urllib.parse import quote

from portal.devtools.sandbox.http1 import NOT_JSON, to_json
from portal.devtools.sandbox.response_plan import Case, Script, Writer, ok_document, refusal_body, reply

MEBIBYTE = 1024 * 1024
BOMB_BYTES = 100_000_000
_GZIP_HEAD = b"\x1f\x8b\x08\0\0\0\0\0\0\xff"


# Refusals and redirects


def refuse(*headers: tuple[str, str]) -> Writer:
    """A refusal with a JSON body."""
    return lambda case: iter([reply(case, refusal_body(case), *headers)])


def retry_after(case: Case) -> Script:
    """A refusal with the option `retry_after` as its Retry-After, unchanged."""
    yield reply(case, refusal_body(case), ("Retry-After", case.text("retry_after")))


def retry_at(case: Case) -> Script:
    """A refusal whose Retry-After is the HTTP date `seconds` from now."""
    moment = datetime.now(UTC) + timedelta(seconds=case.number("seconds"))
    yield reply(case, refusal_body(case), ("Retry-After", format_datetime(moment, usegmt=True)))


def html_page(case: Case) -> Script:
    """A proxy's HTML page."""
    page = f"<!doctype html><html><title>{case.status}</title><body><h1>{case.status}</h1></body></html>"
    yield reply(case, page.encode(), content_type="text/html; charset=utf-8")


def plain(text: str) -> Writer:
    """A line of plain text."""
    return lambda case: iter([reply(case, text.encode(), content_type="text/plain; charset=utf-8")])


def redirect(case: Case) -> Script:
    """A redirect to the option `location`."""
    yield reply(case, b"", ("Location", case.text("location")))


def redirect_to_itself(case: Case) -> Script:
    """A redirect to the requested path."""
    yield reply(case, b"", ("Location", quote(case.request.path)))


# Bodies


def body(raw: bytes, *headers: tuple[str, str], content_type: str = "application/json") -> Writer:
    """A fixed body."""
    return lambda case: iter([reply(case, raw, *headers, content_type=content_type)])


def document(value: object) -> Writer:
    """A fixed JSON document."""
    return body(to_json(value))


def changed(change: Callable[[bytes], bytes], content_type: str = "application/json", encoding: str = "") -> Writer:
    """The honest body after `change`, declared as `content_type` and optionally with a `Content-Encoding`."""
    headers = (("Content-Encoding", encoding),) if encoding else ()
    return lambda case: iter([reply(case, change(case.honest.body), *headers, content_type=content_type)])


def no_content(case: Case) -> Script:
    """A status that allows no body, without one."""
    yield f"HTTP/1.1 {case.status} No Content\r\n\r\n".encode()


def honest_with(*headers: tuple[str, str]) -> Writer:
    """The honest body with additional headers."""
    return lambda case: iter([reply(case, case.honest.body, *headers)])


def half(raw: bytes) -> bytes:
    """The first half."""
    return raw[: len(raw) // 2]


def as_utf16(raw: bytes) -> bytes:
    """The same text in UTF-16."""
    return raw.decode().encode("utf-16")


def with_latin_1_bytes(raw: bytes) -> bytes:
    """The body with bytes that are not UTF-8 within its first text."""
    text = b'"message":"' if b'"message":"' in raw else b'"'
    return raw.replace(text, text + b"\xe9\xff\xfe ", 1)


def gzipped(raw: bytes) -> bytes:
    """The body as gzip."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return packer.compress(raw) + packer.flush()


def strange(member: bytes, document: bytes) -> Writer:
    """`document` for Nexus; for any other system its own honest answer with this unexpected member added."""

    def script(case: Case) -> Script:
        honest = case.honest.body
        is_other = honest.startswith(b"{") and not honest.startswith(b'{"status":{')
        yield reply(case, honest[:-1] + b',"strange":' + member + b"}" if is_other else document)

    return script


_NESTED = b"[" * 100_000 + b"]" * 100_000
_PADDING = b'"' + b"x" * (3 * MEBIBYTE) + b'"'

huge = strange(_PADDING, b'{"status":{"code":0,"message":"ok"},"data":{"padding":' + _PADDING + b"}}")
deep = strange(_NESTED, b'{"status":{"code":0,"message":"ok"},"data":' + _NESTED + b"}")


@cache
def bomb() -> bytes:
    """About 100 kB of gzip that inflates to 100 MB of spaces and one valid success."""
    # Compressed once and repeated: compressing all of it would block every connection for half a second.
    spaces, times = b" " * 1_000_000, BOMB_BYTES // 1_000_000
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = packer.compress(spaces) + packer.flush(zlib.Z_FULL_FLUSH)
    tail = to_json(ok_document({}))
    checksum = zlib.crc32(tail, reduce(lambda crc, _: zlib.crc32(spaces, crc), range(times), 0))
    last = packer.compress(tail) + packer.flush()
    return _GZIP_HEAD + block * times + last + struct.pack("<II", checksum, BOMB_BYTES + len(tail))


def gzip_bomb(case: Case) -> Script:
    """The gzip bomb, with the correct Content-Encoding."""
    yield reply(case, bomb(), ("Content-Encoding", "gzip"))


# Echoed secrets


def _everything(case: Case) -> dict[str, object]:
    sent = case.request.json
    return {"headers": case.request.headers, "body": case.request.text if sent is NOT_JSON else sent}


def echo(case: Case) -> Script:
    """The request, with its secrets, as the data of a success."""
    yield reply(case, to_json(ok_document(_everything(case))))


def echo_in_message(case: Case) -> Script:
    """The request quoted in an error message, and so escaped twice."""
    yield reply(case, refusal_body(case, f"cannot take {json.dumps(_everything(case))}"))


def echo_in_html(case: Case) -> Script:
    """The request in a debug page."""
    page = f"<html><body><pre>{json.dumps(_everything(case), indent=1)}</pre></body></html>"
    yield reply(case, page.encode(), content_type="text/html; charset=utf-8")


def echo_in_header(case: Case) -> Script:
    """The request in a header."""
    yield reply(case, refusal_body(case), ("X-Debug-Request", json.dumps(_everything(case))))


def echo_in_location(case: Case) -> Script:
    """The request, percent-encoded, in a redirect's Location."""
    yield reply(case, b"", ("Location", f"/sign-in?request={quote(json.dumps(_everything(case)), safe='')}"))


def echo_encoded(case: Case) -> Script:
    """The request in four other encodings: base64, percent-encoded, hexadecimal, backslash-u."""
    text = json.dumps(_everything(case))
    spelled = "".join(f"\\u{ord(character):04x}" for character in text)  # text is already ASCII
    others = {"base64": base64.b64encode(text.encode()).decode(), "percent": quote(text, safe="")}
    inner = to_json(others | {"hexadecimal": text.encode().hex()})[:-1]
    yield reply(case, b'{"status":{"code":0,"message":"ok"},"data":' + inner + f',"escaped":"{spelled}"}}}}'.encode())
