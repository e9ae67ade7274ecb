"""Catalogue of faults: one table with a row for each bad response.

A row has the name, one sentence about what happens, the function that writes the response, the status (`HONEST`: that
of the honest answer; `SILENT`: no status line is sent), whether the request takes effect first, and the options with
their defaults. `status` and `after_effect` can be set for every fault.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from portal.devtools.sandbox import bad_responses as answers
from portal.devtools.sandbox import http_faults as wire
from portal.devtools.sandbox.response_plan import CLOSE, HOLD, RESET, Option, Writer, ok_document

HONEST: Final = 0
SILENT: Final = None
KEPT, LOST = True, False  # whether the request takes effect

_NEXT_DAY = 86_400
_NINES = b"9" * 10_000
_PACE: Mapping[str, Option] = {"interval": 0.005}
_DRIP: Mapping[str, Option] = {"interval": 1.0}
_ELSEWHERE: Mapping[str, Option] = {"location": "/nexus/v3/elsewhere"}
_HOSTILE = '<script>alert(1)</script> \u202e =HYPERLINK("http://other.invalid") \'; DROP TABLE x;-- \x1b[31m {{7*7}} %s'


@dataclass(frozen=True)
class Fault:
    """One row of the catalogue. `at_once` faults act as soon as the head of the request has arrived."""

    name: str
    sentence: str
    write: Writer
    status: int | None
    effect: bool
    options: Mapping[str, Option] = field(default_factory=dict)
    at_once: bool = False


def _refused(
    status: int, name: str, sentence: str, write: Writer, options: Mapping[str, Option] | None = None
) -> Fault:
    """The system refuses and does nothing."""
    return Fault(name, sentence, write, status, LOST, options or {})


def _spoilt(name: str, sentence: str, write: Writer, options: Mapping[str, Option] | None = None) -> Fault:
    """The request takes effect, but the honest answer is corrupted."""
    return Fault(name, sentence, write, HONEST, KEPT, options or {})


def _retry(name: str, sentence: str, value: str, status: int = 429) -> Fault:
    return Fault(name, sentence, answers.retry_after, status, LOST, {"retry_after": value})


def _redirect(status: int) -> Fault:
    sentence = f"A {status} to another path (`location`)."
    return Fault(f"redirect_{status}", sentence, answers.redirect, status, LOST, _ELSEWHERE)


def _json_and_html(name: str, status: int) -> tuple[Fault, Fault]:
    return (
        Fault(name, f"A {status} in the system's own JSON.", answers.refuse(), status, LOST),
        Fault(f"{name}_html", f"A {status} as a proxy's HTML page.", answers.html_page, status, LOST),
    )


_BUSY = (
    _retry("too_many_requests", "A 429 with Retry-After in whole seconds (`retry_after`).", "1"),
    _refused(
        429,
        "too_many_requests_date",
        "A 429 with Retry-After as the HTTP date `seconds` from now.",
        answers.retry_at,
        {"seconds": 2},
    ),
    _refused(
        429,
        "too_many_requests_past_date",
        "A 429 with Retry-After as an HTTP date of yesterday.",
        answers.retry_at,
        {"seconds": -_NEXT_DAY},
    ),
    _refused(429, "too_many_requests_bare", "A 429 without Retry-After.", answers.refuse()),
    _retry("too_many_requests_nonsense", "A 429 with the Retry-After `soon`.", "soon"),
    _retry("too_many_requests_negative", "A 429 with the Retry-After -5.", "-5"),
    _retry("too_many_requests_fraction", "A 429 with the Retry-After 0.5, which the standard does not know.", "0.5"),
    _retry("too_many_requests_huge", "A 429 with a Retry-After of a year.", "31536000"),
    _retry("too_many_requests_overflow", "A 429 with a Retry-After of 400 digits.", "9" * 400),
    _refused(429, "too_many_requests_html", "A 429 as a proxy's HTML page, without Retry-After.", answers.html_page),
    _retry("unavailable_retry_after", "A 503 with Retry-After in whole seconds (`retry_after`).", "1", 503),
)

_REFUSALS = (
    _refused(500, "server_error", "A 500, or another `status`, in the system's own JSON.", answers.refuse()),
    _refused(500, "internal_error", "A 500 as plain text.", answers.plain("Internal Server Error")),
    _refused(501, "not_implemented", "A 501 as plain text, which no client should try again.", answers.plain("no")),
    _refused(502, "bad_gateway", "A 502 as plain text.", answers.plain("Bad Gateway")),
    _refused(503, "unavailable", "A 503 as plain text.", answers.plain("Service Unavailable")),
    Fault("gateway_timeout", "A 504 as plain text, after the effect.", answers.plain("Gateway Time-out"), 504, KEPT),
    _refused(502, "html_502", "A 502 as a proxy's HTML page.", answers.html_page),
    *_json_and_html("bad_request", 400),
    *_json_and_html("unauthorized", 401),
    *_json_and_html("forbidden", 403),
    *_json_and_html("not_found", 404),
    *_json_and_html("method_not_allowed", 405),
    *_json_and_html("too_large", 413),
    *_json_and_html("unsupported_media_type", 415),
    _refused(408, "request_timeout", "A 408 in JSON.", answers.refuse()),
    _refused(409, "conflict", "A 409 although the service is not there.", answers.refuse()),
    _refused(418, "teapot", "A 418.", answers.plain("I am a teapot")),
    _refused(451, "legal_reasons", "A 451 as a filter's HTML page.", answers.html_page),
)

_REDIRECTS = (
    *(_redirect(status) for status in (301, 302, 303, 307, 308)),
    _refused(
        307,
        "redirect_other_host",
        "A 307 to another host (`location`), which must never see the secrets.",
        answers.redirect,
        {"location": "http://other.invalid/nexus"},
    ),
    _refused(
        302,
        "redirect_metadata",
        "A 302 to a cloud's metadata address.",
        answers.redirect,
        {"location": "http://169.254.169.254/latest/meta-data/"},
    ),
    _refused(302, "redirect_file", "A 302 to a local file.", answers.redirect, {"location": "file:///etc/passwd"}),
    _refused(307, "redirect_loop", "A 307 to the same path, for ever if asked so.", answers.redirect_to_itself),
    _refused(302, "redirect_nowhere", "A 302 without Location.", answers.body(b"")),
)

_STRANGE_SUCCESSES = (
    _refused(
        200,
        "error_in_200",
        "A 200 with an error inside: status.code is not 0.",
        answers.document({"status": {"code": 5000, "message": "internal failure"}}),
    ),
    _refused(200, "html_200", "A 200 with a sign-in page in HTML.", answers.html_page),
    Fault("empty_201", "A 201 with an empty body.", answers.body(b""), 201, KEPT),
    Fault("no_content", "A 204.", answers.no_content, 204, KEPT),
    Fault("text_ok", "A 200 with the plain text OK.", answers.plain("OK"), 200, KEPT),
    _refused(202, "accepted_202", "A 202: somebody will look at it later.", answers.document({})),
    Fault("partial_206", "A 206 with a part of the body.", answers.changed(answers.half), 206, KEPT),
    Fault("json_array", "A 200 with a JSON list.", answers.document([1, 2]), 200, KEPT),
    Fault("json_string", "A 200 with a JSON string.", answers.document("ok"), 200, KEPT),
    Fault("json_number", "A 200 with a JSON number.", answers.document(0), 200, KEPT),
    Fault("json_null", "A 200 with JSON null.", answers.document(None), 200, KEPT),
    Fault("json_true", "A 200 with JSON true.", answers.document(True), 200, KEPT),  # noqa: FBT003 - the JSON value
    Fault("empty_object", "A 200 with an object that has no status.", answers.document({}), 200, KEPT),
    Fault(
        "status_of_wrong_type",
        "A 200 whose status is a list and whose code is nowhere.",
        answers.document({"status": ["code", 0]}),
        200,
        KEPT,
    ),
    Fault(
        "code_as_text",
        'A 200 whose status.code is the text "0".',
        answers.document({"status": {"code": "0", "message": None}}),
        200,
        KEPT,
    ),
    Fault(
        "other_tenants_answer",
        "A success whose data belong to a request that was not made.",
        answers.document(ok_document({"url": "http://other.invalid", "data": {"provider": "Other"}})),
        HONEST,
        LOST,
    ),
)

_BODIES = (
    _spoilt("truncated_json", "JSON cut in half, with the right Content-Length.", answers.changed(answers.half)),
    _spoilt("trailing_garbage", "Valid JSON and then more.", answers.changed(lambda raw: raw + b"\n<!-- x -->")),
    _spoilt("huge_json", "A valid success of 3 MiB.", answers.huge),
    _spoilt("deep_json", "JSON nested 100,000 levels deep.", answers.deep),
    _spoilt(
        "duplicate_keys",
        "A JSON object with the key status twice: a success, then an error.",
        answers.body(b'{"status":{"code":0,"message":"ok"},"status":{"code":7,"message":"no"}}'),
    ),
    _spoilt(
        "nan_json",
        "NaN where JSON knows no such word.",
        answers.strange(b"NaN", b'{"status":{"code":NaN,"message":"ok"}}'),
    ),
    _spoilt(
        "infinity_json",
        "Infinity where JSON knows no such word.",
        answers.strange(b"-Infinity", b'{"status":{"code":0,"message":"ok"},"data":{"size":-Infinity}}'),
    ),
    _spoilt(
        "huge_number",
        "An integer of 10,000 digits.",
        answers.strange(_NINES, b'{"status":{"code":0,"message":"ok"},"data":{"n":' + _NINES + b"}}"),
    ),
    _spoilt(
        "lone_surrogate",
        "Text with half of a surrogate pair, which no database stores.",
        answers.strange(b'"\\ud800"', b'{"status":{"code":0,"message":"\\ud800"},"data":{}}'),
    ),
    _spoilt(
        "nul_in_text",
        "Text with the character NUL, which PostgreSQL does not store.",
        answers.strange(b'"a\\u0000b"', b'{"status":{"code":0,"message":"a\\u0000b"},"data":{}}'),
    ),
    _spoilt("nul_bytes", "A body of NUL bytes.", answers.body(b"\0" * 512)),
    _spoilt(
        "wrong_charset",
        "Bytes that are not what the declared charset UTF-8 can be.",
        answers.changed(answers.with_latin_1_bytes, "application/json; charset=utf-8"),
    ),
    _spoilt(
        "unknown_charset",
        "An honest body under a charset that nobody knows.",
        answers.changed(bytes, "application/json; charset=x-unheard-of"),
    ),
    _spoilt("utf16_body", "JSON in UTF-16, undeclared.", answers.changed(answers.as_utf16)),
    _spoilt("bom", "A byte order mark before the JSON.", answers.changed(lambda raw: b"\xef\xbb\xbf" + raw)),
    _spoilt("json_as_html", "Valid JSON declared as text/html.", answers.changed(bytes, "text/html")),
    _spoilt("gzip_lie", "Plain JSON declared as gzip.", answers.changed(bytes, encoding="gzip")),
    _spoilt(
        "gzip_cut",
        "Gzip that ends in the middle.",
        answers.changed(lambda raw: answers.half(answers.gzipped(raw)), encoding="gzip"),
    ),
    _spoilt("gzip_bomb", "100 kB of gzip that inflate to 100 MB of valid JSON.", answers.gzip_bomb),
    _spoilt("unknown_encoding", "A Content-Encoding that nobody knows.", answers.changed(bytes, encoding="x-y")),
    _refused(
        400,
        "hostile_message",
        "A refusal whose message holds markup, a formula, SQL, a terminal's escape and a template.",
        answers.document({"status": {"code": 400, "message": _HOSTILE}}),
    ),
    _spoilt("set_cookie", "A success that sets a cookie.", answers.honest_with(("Set-Cookie", "a=b; Path=/"))),
)

_ECHOES = (
    _spoilt("echo_secrets", "A success with the whole request, secrets and all, in its data.", answers.echo),
    _refused(400, "echo_secrets_in_error", "A 400 that quotes the request in its message.", answers.echo_in_message),
    _refused(500, "echo_secrets_in_html", "A 500 debug page that shows the request.", answers.echo_in_html),
    _refused(400, "echo_secrets_in_header", "A 400 with the request in a header.", answers.echo_in_header),
    _refused(302, "echo_secrets_in_location", "A 302 with the request in its Location.", answers.echo_in_location),
    _spoilt(
        "echo_secrets_encoded",
        "A success with the request in base64, percent-encoded, hexadecimal and backslash-u spelling.",
        answers.echo_encoded,
    ),
)

_CONNECTIONS = (
    Fault(
        "closed_at_once",
        "The connection closes as soon as the head of the request is in; the body is not read.",
        wire.end(CLOSE),
        SILENT,
        LOST,
        at_once=True,
    ),
    Fault("reply_lost", "The effect happens; the connection closes without a reply.", wire.end(CLOSE), SILENT, KEPT),
    Fault(
        "reply_lost_before_effect",
        "Nothing happens; the connection closes without a reply.",
        wire.end(CLOSE),
        SILENT,
        LOST,
    ),
    Fault("reset", "Nothing happens; the connection is torn (RST).", wire.end(RESET), SILENT, LOST),
    Fault("reset_after_effect", "The effect happens; the connection is torn (RST).", wire.end(RESET), SILENT, KEPT),
    _spoilt("reset_in_body", "The connection is torn (RST) in the middle of the body.", wire.reset_in_body),
    _spoilt("closed_in_head", "The connection closes in the middle of the head.", wire.cut_in_head),
    _spoilt("closed_in_body", "The connection closes before Content-Length is reached.", wire.cut_in_body),
    _spoilt(
        "closed_unannounced",
        "An honest answer, then the connection closes although it was to stay alive.",
        wire.close_unannounced,
    ),
)

_FRAMING = (
    _spoilt("length_too_short", "A Content-Length 10 bytes too short.", wire.length_too_short),
    _spoilt("length_twice", "Two Content-Length headers that disagree.", wire.lengths("{n}", "7")),
    _spoilt("length_negative", "A Content-Length of -1.", wire.lengths("-1")),
    _spoilt("length_nonsense", "A Content-Length that is no number.", wire.lengths("many")),
    _spoilt("length_huge", "A Content-Length of 9 exabytes, then the end.", wire.lengths("9" * 19)),
    _spoilt("length_and_chunks", "Content-Length and chunks that disagree.", wire.length_and_chunks),
    _spoilt("bad_chunk_size", "A chunk size that is no number.", wire.chunked_as(b"zz\r\n{}\r\n0\r\n\r\n")),
    _spoilt("negative_chunk_size", "A chunk size below 0.", wire.chunked_as(b"-5\r\n{}\r\n0\r\n\r\n")),
    _spoilt("cut_chunk", "The connection closes in the middle of a chunk.", wire.chunked_as(b"ff\r\n{")),
    _spoilt("no_last_chunk", "The connection closes before the last chunk.", wire.chunked_as(b"2\r\n{}\r\n")),
    _spoilt("endless_chunks", "A chunked body that never ends.", wire.endless_chunks, _PACE),
    _spoilt("endless_body", "A body without a length that never ends.", wire.endless_body, _PACE),
    _spoilt("endless_head", "Headers that never end.", wire.endless_head, _PACE),
    _spoilt("answers_twice", "The honest answer twice on one connection.", wire.twice),
)

_HEADS = (
    _spoilt("bad_status_line", "A first line that is no status line.", wire.status_line("HELLO {status} world")),
    _spoilt("status_no_number", "A status that is no number.", wire.status_line("HTTP/1.1 abc OK")),
    Fault("status_999", "The status 999.", wire.status_line("HTTP/1.1 999 Beyond"), 999, KEPT),
    Fault("status_negative", "The status -1.", wire.status_line("HTTP/1.1 -1 Below"), SILENT, KEPT),
    Fault("http_0_9", "Raw text without a head, as HTTP/0.9 had it.", wire.end(b"OK created\n", CLOSE), SILENT, KEPT),
    _spoilt("http_2", "A status line of HTTP/2.", wire.status_line("HTTP/2 {status}")),
    Fault(
        "tls_alert",
        "A TLS alert where plain HTTP was spoken.",
        wire.end(b"\x15\x03\x01\x00\x02\x02\x28", CLOSE),
        SILENT,
        LOST,
    ),
    Fault("continue_flood", "100 Continue without end.", wire.endless_continue, 100, KEPT, _PACE),
    Fault(
        "continue_then_silence",
        "100 Continue, then silence.",
        wire.end(b"HTTP/1.1 100 Continue\r\n\r\n", HOLD),
        100,
        KEPT,
    ),
    _spoilt(
        "early_hints", "103 Early Hints before the honest answer.", wire.interim(b"HTTP/1.1 103 Early Hints\r\n\r\n")
    ),
    _refused(
        101,
        "switching_protocols",
        "101 Switching Protocols, then silence.",
        wire.end(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", HOLD),
    ),
    _spoilt("header_100kb", "A header line of 100 kB.", wire.raw_head(b"X-Long: " + b"a" * 100_000 + b"\r\n")),
    _spoilt("headers_5000", "5,000 headers.", wire.raw_head(b"X-Many: 1\r\n" * 5_000)),
    _spoilt("header_nul", "A header with the byte NUL.", wire.raw_head(b"X-Bad: a\0b\r\n")),
    _spoilt(
        "header_control",
        "A header with control characters and a bare carriage return.",
        wire.raw_head(b"X-Bad: a\x07\x1b[31m\rSet-Cookie: x=y\r\n"),
    ),
    _spoilt("header_no_colon", "A header line without a colon.", wire.raw_head(b"this is no header\r\n")),
    _spoilt("header_bytes", "A header with bytes that are no text.", wire.raw_head(b"X-Bad: \xff\xfe\xc3\r\n")),
    _spoilt("header_folded", "A header folded over two lines.", wire.raw_head(b"X-Fold: a\r\n b\r\n")),
    _spoilt("correlation_id_missing", "An honest answer without inin-correlation-id.", wire.no_correlation_id),
    _spoilt(
        "correlation_id_hostile",
        "An inin-correlation-id of 10 kB with markup and a terminal's escape.",
        wire.hostile_correlation_id,
    ),
)

_SLOW = (
    Fault("black_hole", "The effect happens; nothing is ever answered.", wire.end(HOLD), SILENT, KEPT),
    Fault("black_hole_before_effect", "Nothing happens; nothing is ever answered.", wire.end(HOLD), SILENT, LOST),
    _spoilt("slow_first_byte", "The honest answer after `seconds`.", wire.slow_first_byte, {"seconds": 5.0}),
    _spoilt("dripped_head", "The head, one byte each `interval` seconds.", wire.dripped_head, _DRIP),
    _spoilt("dripped_body", "The body, one byte each `interval` seconds.", wire.dripped_body, _DRIP),
    _spoilt("stalled_head", "Half of the head, then silence.", wire.stalled_head),
    _spoilt("stalled_body", "Half of the body, then silence.", wire.stalled_body),
    _spoilt("never_closed", "A body without a length on a connection that never closes.", wire.never_closed),
)

CATALOGUE: Final[Mapping[str, Fault]] = {
    fault.name: fault
    for family in (
        _BUSY,
        _REFUSALS,
        _REDIRECTS,
        _STRANGE_SUCCESSES,
        _BODIES,
        _ECHOES,
        _CONNECTIONS,
        _FRAMING,
        _HEADS,
        _SLOW,
    )
    for fault in family
}


def describe(fault: Fault) -> dict[str, object]:
    """Return the row as the control plane shows it."""
    return {
        "name": fault.name,
        "sentence": fault.sentence,
        "status": "honest" if fault.status == HONEST else fault.status,
        "after_effect": fault.effect,
        "options": dict(fault.options),
    }
