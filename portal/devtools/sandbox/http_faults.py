"""HTTP faults: broken framing, broken heads, slow responses, lost connections."""

from portal.devtools.sandbox.http1 import start, to_json, write, write_head
from portal.devtools.sandbox.response_plan import (
    CLOSE,
    HOLD,
    RESET,
    Case,
    Script,
    Step,
    Writer,
    chunk,
    head,
    ok_document,
)

_FILLER = b"x" * 65_536


# Connections


def end(*steps: Step) -> Writer:
    """These steps and nothing more."""
    return lambda _case: iter(steps)


def cut_in_head(case: Case) -> Script:
    """Half of a head, then the connection closes."""
    yield start(case.status, (("Content-Type", "application/json"),))[:-9]
    yield CLOSE


def cut_in_body(case: Case) -> Script:
    """Half of the body that Content-Length announced, then the connection closes."""
    yield _half_answer(case)
    yield CLOSE


def reset_in_body(case: Case) -> Script:
    """Half of the body, then a reset (RST)."""
    yield _half_answer(case)
    yield RESET


def _half_answer(case: Case) -> bytes:
    return write_head(case.honest) + case.honest.body[: len(case.honest.body) // 2]


def close_unannounced(case: Case) -> Script:
    """An honest answer, then the connection closes without `Connection: close`."""
    yield write(case.honest)
    yield CLOSE


# Framing


def lengths(*values: str) -> Writer:
    """The honest body with these Content-Length headers; `{n}` stands for the correct length."""

    def script(case: Case) -> Script:
        size = str(len(case.honest.body))
        yield (head(case, *(("Content-Length", value.replace("{n}", size)) for value in values)) + case.honest.body)
        yield CLOSE

    return script


def length_too_short(case: Case) -> Script:
    """A Content-Length 10 bytes below what is sent; the rest remains in the connection."""
    yield head(case, ("Content-Length", str(len(case.honest.body) - 10))) + case.honest.body


def length_and_chunks(case: Case) -> Script:
    """Both kinds of framing, in contradiction."""
    yield head(case, ("Content-Length", "5"), ("Transfer-Encoding", "chunked"))
    yield chunk(case.honest.body) + chunk(b"")


def chunked_as(raw: bytes) -> Writer:
    """A chunked answer with `raw` as its body, then the connection closes."""

    def script(case: Case) -> Script:
        yield head(case, ("Transfer-Encoding", "chunked")) + raw
        yield CLOSE

    return script


def endless_chunks(case: Case) -> Script:
    """Chunks without a last chunk."""
    yield head(case, ("Transfer-Encoding", "chunked"))
    yield from _for_ever(case, chunk(_FILLER))


def endless_body(case: Case) -> Script:
    """A body without a length, which would end only with the connection."""
    yield head(case, ("Connection", "close"))
    yield from _for_ever(case, _FILLER)


def endless_head(case: Case) -> Script:
    """Headers without an end."""
    yield start(case.status)
    yield from _for_ever(case, b"X-More: and more\r\n" * 10)


def endless_continue(case: Case) -> Script:
    """Interim answers without a final one."""
    yield from _for_ever(case, b"HTTP/1.1 100 Continue\r\n\r\n" * 10)


def _for_ever(case: Case, data: bytes) -> Script:
    while True:
        yield data
        yield case.number("interval")


def twice(case: Case) -> Script:
    """The honest answer, sent twice."""
    yield write(case.honest) * 2


# Heads


def status_line(line: str) -> Writer:
    """The honest body after this status line; `{status}` stands for the correct status."""

    def script(case: Case) -> Script:
        first = line.replace("{status}", str(case.status)).encode()
        rest = write_head(case.honest).partition(b"\r\n")[2]
        yield first + b"\r\n" + rest + case.honest.body
        yield CLOSE

    return script


def raw_head(lines: bytes) -> Writer:
    """An honest answer with these raw header lines added."""
    return lambda case: iter([start(case.status) + lines + _framing(case) + case.honest.body])


def no_correlation_id(case: Case) -> Script:
    """An honest answer without the correlation id."""
    yield f"HTTP/1.1 {case.status} OK\r\n".encode() + _framing(case) + case.honest.body


def hostile_correlation_id(case: Case) -> Script:
    """A correlation id of 10 kB with markup and a terminal escape sequence."""
    identity = b"inin-correlation-id: <script>alert(1)</script>\x1b[31m" + b"A" * 10_000 + b"\r\n"
    yield f"HTTP/1.1 {case.status} OK\r\n".encode() + identity + _framing(case) + case.honest.body


def _framing(case: Case) -> bytes:
    return b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(case.honest.body)


def interim(*steps: Step) -> Writer:
    """These steps, then the honest answer."""

    def script(case: Case) -> Script:
        yield from steps
        yield write(case.honest)

    return script


# Slow responses


def slow_first_byte(case: Case) -> Script:
    """The honest answer after `seconds`."""
    yield case.number("seconds")
    yield write(case.honest)


def dripped_head(case: Case) -> Script:
    """The head one byte every `interval` seconds, then the body."""
    yield from _drip(write_head(case.honest), case.number("interval"))
    yield case.honest.body


def dripped_body(case: Case) -> Script:
    """The head, then the body one byte every `interval` seconds."""
    yield write_head(case.honest)
    yield from _drip(case.honest.body, case.number("interval"))


def _drip(data: bytes, interval: float) -> Script:
    for position in range(len(data)):
        yield data[position : position + 1]
        yield interval


def stalled_head(case: Case) -> Script:
    """Part of the head, then silence."""
    yield start(case.status)
    yield HOLD


def stalled_body(case: Case) -> Script:
    """Half of the body, then silence."""
    yield _half_answer(case)
    yield HOLD


def never_closed(case: Case) -> Script:
    """A complete body without a length, on a connection that never closes."""
    yield head(case) + to_json(ok_document({}))
    yield HOLD
