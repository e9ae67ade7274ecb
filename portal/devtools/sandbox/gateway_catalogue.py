"""Catalogue of customers' gateways: one table that says how each checks signatures and answers.

`right` lists what a gateway does correctly, so that a grader can be tested: `in_time` (an answer within 10 seconds),
`success` (a 2xx for a correctly signed message), `message_id` (in its body), `refuses_forgery` (no 2xx for a wrong
signature).
"""

import hmac
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from portal.devtools.sandbox import bad_responses as answers
from portal.devtools.sandbox import http_faults as wire
from portal.devtools.sandbox.http1 import NOT_JSON, Request, to_json
from portal.devtools.sandbox.response_plan import CLOSE, HOLD, RESET, Case, Option, Script, Writer, head, reply

PREFIX: Final = "/gateways/"
HUGE_BYTES: Final = 50_000_000

Signed = Callable[[Request, str], bool]


# Signature checks


def signature(body: bytes, secret: str, digest: str = "sha1") -> str:
    """Return the correct value of `X-Hub-Signature`."""
    return f"{digest}={hmac.new(secret.encode(), body, digest).hexdigest()}"


def _given(request: Request) -> bytes:
    return request.headers.get("x-hub-signature", "").encode()


def rightly(request: Request, secret: str) -> bool:
    """Accept only the correct signature."""
    return hmac.compare_digest(_given(request), signature(request.body, secret).encode())


def wrongly(request: Request, secret: str) -> bool:
    """Accept only wrong signatures."""
    return not rightly(request, secret)


def somehow(request: Request, secret: str) -> bool:  # noqa: ARG001 - the signature of all these checks
    """Accept any signature."""
    return bool(_given(request))


def not_at_all(request: Request, secret: str) -> bool:  # noqa: ARG001 - the same
    """Accept everything."""
    return True


def never(request: Request, secret: str) -> bool:  # noqa: ARG001 - the same
    """Accept nothing."""
    return False


def as_sha256(request: Request, secret: str) -> bool:
    """Check with a hash other than the sender's."""
    return hmac.compare_digest(_given(request), signature(request.body, secret, "sha256").encode())


def over_rewritten_json(request: Request, secret: str) -> bool:
    """Check over the parsed and rewritten message, whose bytes differ from those that were signed."""
    if request.json is NOT_JSON:
        return False
    again = json.dumps(request.json, indent=4).encode()
    return hmac.compare_digest(_given(request), signature(again, secret).encode())


# Answers to an accepted message


def honestly(case: Case) -> Script:
    """A `messageId`."""
    yield reply(case, case.honest.body)


def huge(case: Case) -> Script:
    """A valid answer of 50 MB."""
    start, end = case.honest.body[:-1] + b',"padding":"', b'"}'
    yield head(case, ("Content-Length", str(len(start) + HUGE_BYTES + len(end)))) + start
    block = b"x" * 100_000
    for _ in range(HUGE_BYTES // len(block)):
        yield block
    yield end


def echo(case: Case) -> Script:
    """The `messageId`, and everything that was sent: headers, signature, message."""
    sent = {"headers": case.request.headers, "body": case.request.text}
    yield reply(case, case.honest.body[:-1] + b',"received":' + to_json(sent) + b"}")


@dataclass(frozen=True)
class Gateway:
    """One row of the catalogue. `refusal` is its status for a message whose signature it does not accept."""

    name: str
    sentence: str
    right: frozenset[str]
    signed: Signed = rightly
    answer: Writer = honestly
    status: int = 200
    takes: bool = True  # whether an accepted message takes effect
    silent: bool = False
    refusal: int = 403
    options: Mapping[str, Option] = field(default_factory=dict)

    def shown(self) -> dict[str, object]:
        """Return the row as the control plane shows it."""
        return {
            "name": self.name,
            "path": PREFIX + self.name,
            "sentence": self.sentence,
            "right": sorted(self.right),
        }


# The catalogue

_REFUSES, _IN_TIME, _SUCCESS, _ID = "refuses_forgery", "in_time", "success", "message_id"
_ALL: Final = frozenset({_REFUSES, _IN_TIME, _SUCCESS, _ID})
_NO_ID: Final = _ALL - {_ID}
_TOO_LATE: Final = frozenset({_REFUSES})  # it refuses in time, but answers no accepted message in time
_NEGATIVE: Final = frozenset({_REFUSES, _IN_TIME})
_METADATA: Final = {"location": "http://169.254.169.254/latest/meta-data/"}
_HOSTILE: Final = {"error": '<script>alert(1)</script> \u202e =HYPERLINK("http://other.invalid") \x1b[31m {{7*7}} %s'}

_SIGNATURES: Final = (
    Gateway("good", "Checks the signature and answers 200 with a messageId.", _ALL),
    Gateway("good_201", "The same with the status 201.", _ALL, status=201),
    Gateway("no_signature_check", "Takes anything, signed or not.", _ALL - {_REFUSES}, not_at_all),
    Gateway("any_signature", "Wants a signature, but does not check it.", _ALL - {_REFUSES}, somehow),
    Gateway("refuses_all", "Refuses every message with 403.", _NEGATIVE, never),
    Gateway("inverted", "Takes wrong signatures and refuses right ones.", frozenset({_IN_TIME}), wrongly),
    Gateway("sha256", "Expects SHA-256 where SHA-1 is sent, so it refuses all.", _NEGATIVE, as_sha256),
    Gateway(
        "rewritten", "Checks the signature over JSON written anew, so it refuses all.", _NEGATIVE, over_rewritten_json
    ),
    Gateway(
        "refuses_with_200", "Answers 200 without a messageId to a wrong signature.", _ALL - {_REFUSES}, refusal=200
    ),
)

_BODIES: Final = (
    Gateway("html", "Answers 200 with a page in HTML.", _NO_ID, answer=answers.html_page),
    Gateway(
        "no_message_id", "Answers 200 with JSON that has no messageId.", _NO_ID, answer=answers.document({"ok": True})
    ),
    Gateway("null_message_id", "Answers a messageId of null.", _NO_ID, answer=answers.document({"messageId": None})),
    Gateway(
        "empty_message_id", "Answers a messageId without text.", _NO_ID, answer=answers.document({"messageId": ""})
    ),
    Gateway("json_list", "Answers 200 with a JSON list.", _NO_ID, answer=answers.document([1, 2])),
    Gateway("empty_200", "Answers 200 with nothing in it.", _NO_ID, answer=answers.body(b"")),
    Gateway("no_content", "Answers 204.", _NO_ID, answer=answers.no_content, status=204),
    Gateway("truncated", "Answers half of its JSON.", _NO_ID, answer=answers.changed(answers.half)),
    Gateway(
        "wrong_content_type",
        "Answers its messageId rightly, but declared as text/html.",
        _ALL,
        answer=answers.changed(bytes, "text/html"),
    ),
    Gateway("echoes", "Answers a messageId with the whole request, signature and headers.", _ALL, answer=echo),
)

_REFUSALS: Final = (
    Gateway(
        "500", "Answers 500, which asks for redelivery.", _NEGATIVE, answer=answers.refuse(), status=500, takes=False
    ),
    Gateway(
        "hostile",
        "Answers 400 with markup, a formula and a terminal's escape in its message.",
        _NEGATIVE,
        answer=answers.document(_HOSTILE),
        status=400,
        takes=False,
    ),
    Gateway(
        "redirect",
        "Answers 307 to another gateway.",
        _NEGATIVE,
        answer=answers.redirect,
        status=307,
        takes=False,
        options={"location": "/gateways/good"},
    ),
    Gateway(
        "redirect_metadata",
        "Answers 307 to a cloud's metadata address.",
        _NEGATIVE,
        answer=answers.redirect,
        status=307,
        takes=False,
        options=_METADATA,
    ),
)

_WIRES: Final = (
    Gateway("slow", "Takes 11 seconds to answer rightly.", _TOO_LATE, answer=wire.slow_first_byte),
    Gateway("never", "Never answers anything.", frozenset(), not_at_all, wire.end(HOLD), silent=True),
    Gateway("dripped", "Answers one byte each second.", _TOO_LATE, answer=wire.dripped_body, options={"interval": 1.0}),
    Gateway("huge", "Answers 50 MB of valid JSON.", _NO_ID, answer=huge),
    Gateway("endless", "Answers without end.", _TOO_LATE, answer=wire.endless_body, options={"interval": 0.005}),
    Gateway("cuts", "Closes the connection in the middle of its answer.", _TOO_LATE, answer=wire.cut_in_body),
    Gateway("resets", "Tears the connection without an answer.", _TOO_LATE, answer=wire.end(RESET), silent=True),
    Gateway("hangs_up", "Closes the connection without an answer.", _TOO_LATE, answer=wire.end(CLOSE), silent=True),
)


def _table(*families: Iterable[Gateway]) -> dict[str, Gateway]:
    return {gateway.name: gateway for family in families for gateway in family}


CATALOGUE: Final[Mapping[str, Gateway]] = _table(_SIGNATURES, _BODIES, _REFUSALS, _WIRES)
