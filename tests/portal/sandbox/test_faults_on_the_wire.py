"""Every fault of the catalogue does on the wire what its sentence says, and the sandbox outlives it."""

import base64
import json
import zlib
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest

from portal.devtools.sandbox.control import Control
from portal.devtools.sandbox.faults import CATALOGUE, HONEST

Check = Callable[[Any], bool]
SECRET, KEY = "correct-horse", "my-own-key"
OK = {"status": {"code": 0, "message": "ok"}}


def starts(status: int) -> Check:
    return lambda heard: heard.data.startswith(f"HTTP/1.1 {status} ".encode())


def header(line: str) -> Check:
    return lambda heard: line.encode() in heard.head.split(b"\r\n")


def has(part: bytes) -> Check:
    return lambda heard: part in heard.data


def body_is(raw: bytes) -> Check:
    return lambda heard: bool(heard.body == raw)


def ends(how: str) -> Check:
    return lambda heard: bool(heard.ending == how)


def silent(how: str) -> Check:
    return lambda heard: bool(heard.data == b"" and heard.ending == how)


def longer(size: int) -> Check:
    return lambda heard: len(heard.data) > size


def every(*checks: Check) -> Check:
    return lambda heard: all(check(heard) for check in checks)


def well_framed(heard: Any) -> bool:
    return f"Content-Length: {len(heard.body)}".encode() in heard.head.split(b"\r\n")


def valid_json(heard: Any) -> bool:
    json.loads(heard.body)
    return True


def no_json(heard: Any) -> bool:
    try:
        json.loads(heard.body)
    except (ValueError, RecursionError):
        return True
    return False


def json_is(value: object) -> Check:
    return lambda heard: bool(json.loads(heard.body) == value)


def refusal(status: int) -> Check:
    return every(starts(status), well_framed, lambda heard: json.loads(heard.body)["status"]["code"] == status)


def page(status: int) -> Check:
    return every(starts(status), well_framed, header("Content-Type: text/html; charset=utf-8"), has(b"<html"))


def plain(status: int) -> Check:
    return every(starts(status), well_framed, header("Content-Type: text/plain; charset=utf-8"))


def redirect(status: int, location: str) -> Check:
    return every(starts(status), well_framed, header(f"Location: {location}"))


def retry_after(value: str, status: int = 429) -> Check:
    return every(refusal(status), header(f"Retry-After: {value}"))


def spoilt(check: Check) -> Check:
    """An honest status, well framed, and this."""
    return every(starts(201), well_framed, check)


def dripped(heard: Any) -> bool:
    return bool(heard.pieces > 20 and starts(201)(heard))


def explodes(heard: Any) -> bool:
    unpacker = zlib.decompressobj(31)
    first = unpacker.decompress(heard.body, 1000)
    size = len(first)
    while unpacker.unconsumed_tail:
        size += len(unpacker.decompress(unpacker.unconsumed_tail, 10_000_000))
    return bool(unpacker.eof and len(heard.body) < 200_000 and size > 100_000_000)  # eof: the checksum is right


def spelled_otherwise(heard: Any) -> bool:
    data = json.loads(heard.body)["data"]
    text = base64.b64decode(data["base64"]).decode()
    return bool(
        SECRET in text
        and KEY in text
        and data["percent"] == quote(text, safe="")
        and bytes.fromhex(data["hexadecimal"]).decode() == data["escaped"] == text
    )


BOTH = every(has(SECRET.encode()), has(KEY.encode()))
HALF_BODY = every(starts(201), lambda heard: 0 < len(heard.body) < 60)

EXPECTED: dict[str, Check] = {
    # busy
    "too_many_requests": retry_after("1"),
    "too_many_requests_date": every(refusal(429), has(b"Retry-After: "), has(b" GMT\r\n")),
    "too_many_requests_past_date": every(refusal(429), has(b"Retry-After: "), has(b" GMT\r\n")),
    "too_many_requests_bare": every(refusal(429), lambda heard: b"Retry-After" not in heard.data),
    "too_many_requests_nonsense": retry_after("soon"),
    "too_many_requests_negative": retry_after("-5"),
    "too_many_requests_fraction": retry_after("0.5"),
    "too_many_requests_huge": retry_after("31536000"),
    "too_many_requests_overflow": retry_after("9" * 400),
    "too_many_requests_html": page(429),
    "unavailable_retry_after": retry_after("1", 503),
    # refusals
    "server_error": refusal(500),
    "internal_error": plain(500),
    "not_implemented": plain(501),
    "bad_gateway": plain(502),
    "unavailable": plain(503),
    "gateway_timeout": plain(504),
    "html_502": page(502),
    "bad_request": refusal(400),
    "bad_request_html": page(400),
    "unauthorized": refusal(401),
    "unauthorized_html": page(401),
    "forbidden": refusal(403),
    "forbidden_html": page(403),
    "not_found": refusal(404),
    "not_found_html": page(404),
    "method_not_allowed": refusal(405),
    "method_not_allowed_html": page(405),
    "too_large": refusal(413),
    "too_large_html": page(413),
    "unsupported_media_type": refusal(415),
    "unsupported_media_type_html": page(415),
    "request_timeout": refusal(408),
    "conflict": refusal(409),
    "teapot": plain(418),
    "legal_reasons": page(451),
    # redirects
    **{f"redirect_{status}": redirect(status, "/nexus/v3/elsewhere") for status in (301, 302, 303, 307, 308)},
    "redirect_other_host": redirect(307, "http://other.invalid/nexus"),
    "redirect_metadata": redirect(302, "http://169.254.169.254/latest/meta-data/"),
    "redirect_file": redirect(302, "file:///etc/passwd"),
    "redirect_loop": every(starts(307), has(b"Location: /nexus/v3/provisioning/services/"), has(b"/mGageSMS\r\n")),
    "redirect_nowhere": every(starts(302), lambda heard: b"Location" not in heard.data),
    # strange successes
    "error_in_200": every(starts(200), lambda heard: json.loads(heard.body)["status"]["code"] != 0),
    "html_200": page(200),
    "empty_201": spoilt(body_is(b"")),
    "no_content": every(starts(204), body_is(b""), lambda heard: b"Content-Length" not in heard.head),
    "text_ok": every(plain(200), body_is(b"OK")),
    "accepted_202": every(starts(202), json_is({})),
    "partial_206": every(starts(206), no_json),
    "json_array": every(starts(200), json_is([1, 2])),
    "json_string": every(starts(200), json_is("ok")),
    "json_number": every(starts(200), json_is(0)),
    "json_null": every(starts(200), json_is(None)),
    "json_true": every(starts(200), json_is(True)),  # noqa: FBT003 - the JSON value
    "empty_object": every(starts(200), json_is({})),
    "status_of_wrong_type": every(starts(200), json_is({"status": ["code", 0]})),
    "code_as_text": every(starts(200), json_is({"status": {"code": "0", "message": None}})),
    "other_tenants_answer": spoilt(has(b"other.invalid")),
    # bodies
    "truncated_json": spoilt(no_json),
    "trailing_garbage": spoilt(every(no_json, has(b"<!-- x -->"))),
    "huge_json": spoilt(every(valid_json, longer(3 * 1024 * 1024))),
    "deep_json": spoilt(every(no_json, has(b"[" * 100_000))),
    "duplicate_keys": spoilt(lambda heard: bool(heard.body.count(b'"status"') == 2)),
    "nan_json": spoilt(has(b":NaN")),
    "infinity_json": spoilt(has(b":-Infinity")),
    "huge_number": spoilt(every(no_json, has(b"9" * 10_000))),
    "lone_surrogate": spoilt(lambda heard: bool(json.loads(heard.body)["status"]["message"] == "\ud800")),
    "nul_in_text": spoilt(lambda heard: bool(json.loads(heard.body)["status"]["message"] == "a\0b")),
    "nul_bytes": spoilt(body_is(b"\0" * 512)),
    "wrong_charset": spoilt(every(no_json, header("Content-Type: application/json; charset=utf-8"))),
    "unknown_charset": spoilt(every(valid_json, has(b"charset=x-unheard-of"))),
    "utf16_body": spoilt(lambda heard: '"code":0' in heard.body.decode("utf-16")),
    "bom": spoilt(lambda heard: heard.body.startswith(b"\xef\xbb\xbf{")),
    "json_as_html": spoilt(every(valid_json, header("Content-Type: text/html"))),
    "gzip_lie": spoilt(every(valid_json, header("Content-Encoding: gzip"))),
    "gzip_cut": spoilt(every(header("Content-Encoding: gzip"), lambda heard: heard.body[:2] == b"\x1f\x8b")),
    "gzip_bomb": spoilt(every(header("Content-Encoding: gzip"), explodes)),
    "unknown_encoding": spoilt(every(valid_json, header("Content-Encoding: x-y"))),
    "hostile_message": every(refusal(400), has(b"<script>")),
    "set_cookie": spoilt(header("Set-Cookie: a=b; Path=/")),
    # echoes
    "echo_secrets": spoilt(BOTH),
    "echo_secrets_in_error": every(refusal(400), BOTH),
    "echo_secrets_in_html": every(page(500), BOTH),
    "echo_secrets_in_header": every(starts(400), lambda heard: SECRET.encode() in heard.head),
    "echo_secrets_in_location": every(starts(302), lambda heard: SECRET.encode() in heard.head),
    "echo_secrets_encoded": spoilt(spelled_otherwise),
    # connections
    "closed_at_once": lambda heard: heard.data == b"" and heard.ending in {"closed", "reset"},
    "reply_lost": silent("closed"),
    "reply_lost_before_effect": silent("closed"),
    "reset": silent("reset"),
    "reset_after_effect": silent("reset"),
    "reset_in_body": every(HALF_BODY, ends("reset")),
    "closed_in_head": every(starts(201), ends("closed"), lambda heard: b"\r\n\r\n" not in heard.data),
    "closed_in_body": every(HALF_BODY, ends("closed")),
    "closed_unannounced": spoilt(every(valid_json, ends("closed"))),
    # framing
    "length_too_short": every(
        starts(201),
        valid_json,
        lambda heard: f"Content-Length: {len(heard.body) - 10}\r\n".encode() in heard.data,
    ),
    "length_twice": every(well_framed, header("Content-Length: 7")),
    "length_negative": header("Content-Length: -1"),
    "length_nonsense": header("Content-Length: many"),
    "length_huge": every(header("Content-Length: " + "9" * 19), ends("closed")),
    "length_and_chunks": every(header("Content-Length: 5"), header("Transfer-Encoding: chunked")),
    "bad_chunk_size": lambda heard: heard.body.startswith(b"zz\r\n"),
    "negative_chunk_size": lambda heard: heard.body.startswith(b"-5\r\n"),
    "cut_chunk": every(body_is(b"ff\r\n{"), ends("closed")),
    "no_last_chunk": every(body_is(b"2\r\n{}\r\n"), ends("closed")),
    "endless_chunks": every(header("Transfer-Encoding: chunked"), longer(500_000), ends("open")),
    "endless_body": every(starts(201), longer(500_000), ends("open")),
    "endless_head": every(longer(2_000), ends("open"), lambda heard: b"\r\n\r\n" not in heard.data),
    "answers_twice": lambda heard: heard.data.count(b"HTTP/1.1 201") == 2,
    # heads
    "bad_status_line": has(b"HELLO 201 world\r\n"),
    "status_no_number": has(b"HTTP/1.1 abc OK\r\n"),
    "status_999": starts(999),
    "status_negative": starts(-1),
    "http_0_9": lambda heard: heard.data == b"OK created\n",
    "http_2": lambda heard: heard.data.startswith(b"HTTP/2 201\r\n"),
    "tls_alert": lambda heard: heard.data == b"\x15\x03\x01\x00\x02\x02\x28",
    "continue_flood": every(ends("open"), lambda heard: heard.data.count(b"HTTP/1.1 100 Continue\r\n\r\n") > 100),
    "continue_then_silence": every(ends("open"), lambda heard: heard.data == b"HTTP/1.1 100 Continue\r\n\r\n"),
    "early_hints": every(starts(103), has(b"HTTP/1.1 201 Created\r\n")),
    "switching_protocols": every(starts(101), ends("open")),
    "header_100kb": spoilt(lambda heard: len(heard.head) > 100_000),
    "headers_5000": spoilt(lambda heard: heard.head.count(b"X-Many") == 5_000),
    "header_nul": spoilt(has(b"X-Bad: a\0b\r\n")),
    "header_control": spoilt(has(b"X-Bad: a\x07\x1b[31m\rSet-Cookie: x=y\r\n")),
    "header_no_colon": spoilt(has(b"\r\nthis is no header\r\n")),
    "header_bytes": spoilt(has(b"X-Bad: \xff\xfe\xc3\r\n")),
    "header_folded": spoilt(has(b"X-Fold: a\r\n b\r\n")),
    "correlation_id_missing": spoilt(lambda heard: b"inin-correlation-id" not in heard.data),
    "correlation_id_hostile": spoilt(has(b"inin-correlation-id: <script>")),
    # slowness
    "black_hole": silent("open"),
    "black_hole_before_effect": silent("open"),
    "slow_first_byte": spoilt(lambda heard: heard.first_after >= 0.1),
    "dripped_head": dripped,
    "dripped_body": dripped,
    "stalled_head": every(starts(201), ends("open"), lambda heard: b"\r\n\r\n" not in heard.data),
    "stalled_body": every(HALF_BODY, ends("open")),
    "never_closed": every(starts(201), ends("open"), valid_json),
}
STAY_OPEN = {
    "black_hole",
    "black_hole_before_effect",
    "continue_flood",
    "continue_then_silence",
    "endless_body",
    "endless_chunks",
    "endless_head",
    "never_closed",
    "stalled_body",
    "stalled_head",
    "switching_protocols",
}
FASTER: dict[str, dict[str, float]] = {
    "slow_first_byte": {"seconds": 0.1},
    "dripped_head": {"interval": 0.001},
    "dripped_body": {"interval": 0.001},
}


def test_every_fault_has_an_expectation() -> None:
    assert EXPECTED.keys() == CATALOGUE.keys()


@pytest.mark.parametrize("name", CATALOGUE)
def test_a_fault_does_what_its_sentence_says(name: str, wire: Any, nexus: Any, sandbox: Control) -> None:
    fault = CATALOGUE[name]
    sandbox.fault(name, **FASTER.get(name, {}))
    heard = wire.hear(wire.request("mGageSMS"), 0.3 if name in STAY_OPEN else 10)
    assert EXPECTED[name](heard), (fault.sentence, heard.data[:500], heard.ending, heard.pieces)

    (line,) = sandbox.ledger()
    assert line["fault"] == name
    assert line["effect"] == ("created mGageSMS" if fault.effect else None)
    assert line["status"] == (201 if fault.status == HONEST else fault.status)

    assert nexus.create("SMS").status == 201  # as if nothing had been


def test_a_connection_that_never_said_it_would_close_closes(wire: Any, sandbox: Control) -> None:
    sandbox.fault("closed_unannounced")
    heard = wire.hear(wire.request("SMS", "keep-alive"))
    assert (heard.ending, b"Connection" in heard.head) == ("closed", False)


def test_a_fault_leaves_a_connection_that_it_did_not_end_usable(wire: Any, sandbox: Control) -> None:
    sandbox.fault("truncated_json")
    heard = wire.hear(wire.request("SMS", "keep-alive") + wire.request("SMS"))
    assert heard.data.count(b"HTTP/1.1 ") == 2


def test_a_silent_connection_stays_silent_whatever_else_is_asked(wire: Any, sandbox: Control) -> None:
    sandbox.fault("black_hole")
    assert wire.hear(wire.request("SMS", "keep-alive") * 2, 0.3).data == b""
    assert len(sandbox.ledger()) == 1


def test_an_option_can_make_a_dripped_head_slow(wire: Any, sandbox: Control) -> None:
    sandbox.fault("dripped_head", interval=0.1)
    assert 3 <= len(wire.hear(wire.request("SMS"), 0.8).data) <= 10


def test_a_client_that_reads_slowly_gets_a_large_answer_whole(wire: Any, sandbox: Control) -> None:
    sandbox.fault("huge_json", times=2)
    heard = wire.hear(wire.request("SMS", "keep-alive") + wire.request("SMS"))
    assert heard.data.count(b"x") > 3_900_000  # the second answer waited until the first was read
