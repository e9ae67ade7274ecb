"""Grading of a webhook test: compares a gateway's answers with what Digital Channels expects.

The documentation of the Third-Party Messaging API asks for an answer within 10 s, a 2xx, a body with `messageId`, and
for calls with a wrong signature to be refused.
"""

from dataclasses import asdict, dataclass
from urllib.parse import urlsplit

from portal.http_client.errors import (
    Answered,
    CertificateRefused,
    NotAllowed,
    NotSent,
    OutboundError,
    Redirected,
    TlsFailed,
    TooLarge,
)
from portal.http_client.messages import Answer
from portal.http_client.response_json import read_json

LONGEST_MS = 10_000
_TOO_LONG = "It could not be seen: the answer was too long to be read to its end."
Outcome = Answer | OutboundError


@dataclass(frozen=True)
class Grade:
    """One graded property. `tone` is good, warning, bad, or neutral if it could not be observed."""

    title: str
    tone: str
    sentence: str


def grade(url: str, signed: Outcome, forged: Outcome) -> list[dict[str, str]]:
    """Return all grades as stored in the row: those of the correctly signed call first."""
    grades = [_encryption(url, signed), _reached(signed), _in_time(signed), _accepted(signed), _message_id(signed)]
    return [asdict(each) for each in [*grades, _refusal(signed, forged)]]


def _unseen(title: str) -> Grade:
    return Grade(title, "neutral", "It could not be seen, since the gateway was not reached.")


def _encryption(url: str, signed: Outcome) -> Grade:
    title = "Encrypted connection"
    if urlsplit(url).scheme != "https":
        return Grade(title, "warning", "The webhook is http: messages travel unencrypted.")
    if isinstance(signed, CertificateRefused | TlsFailed):
        return Grade(title, "bad", signed.sentence)
    return _unseen(title) if isinstance(signed, NotSent) else Grade(title, "good", "TLS, and the certificate is valid.")


def _reached(signed: Outcome) -> Grade:
    title = "Answers at all"
    if isinstance(signed, Answer | Answered):
        return Grade(title, "good", "The gateway answered.")
    return Grade(title, "bad", signed.cause)  # a failed test has no lasting effect, so only the cause is shown


def _in_time(signed: Outcome) -> Grade:
    title = "Answers within 10 s"
    if isinstance(signed, NotSent):
        return _unseen(title)
    seconds = f"{signed.duration_ms / 1000:.1f} s"
    if _is_late(signed):
        return Grade(title, "bad", f"After {seconds}. Digital Channels gives up at 10 s and sends the message again.")
    if isinstance(signed, Answer | Answered):
        return Grade(title, "good", f"After {seconds}.")
    if isinstance(signed, TooLarge):
        return Grade(title, "neutral", _TOO_LONG)
    return Grade(title, "bad", "No usable answer came.")


def _is_late(signed: Outcome) -> bool:
    return signed.duration_ms > LONGEST_MS


def _accepted(signed: Outcome) -> Grade:
    title = "Takes a signed message"
    if isinstance(signed, Answer) and _is_late(signed):
        return Grade(title, "bad", f"It answered {signed.status}, but after Digital Channels had given up.")
    if isinstance(signed, Answer):
        return Grade(title, "good", f"It answered {signed.status}.")
    if isinstance(signed, NotSent):
        return _unseen(title)
    if isinstance(signed, TooLarge):
        return Grade(title, "neutral", _TOO_LONG)
    return Grade(title, "bad", _refused(signed))


def _refused(signed: OutboundError) -> str:
    if signed.answer is None:
        return "No usable answer came."
    said = f"It answered {signed.answer.status}"
    if isinstance(signed, NotAllowed):
        return f"{said}: it checks the signature with another key, or in another way, than Digital Channels makes it."
    if isinstance(signed, Redirected):
        return f"{said}, and redirects are not followed. Enter the address that it points to."
    return f"{said}; a 2xx is wanted. A 5xx makes Digital Channels send the message again."


def _message_id(signed: Outcome) -> Grade:
    title = "Returns a messageId"
    if isinstance(signed, TooLarge):
        return Grade(title, "bad", "The answer was too long to read; a short JSON object with messageId is wanted.")
    if not isinstance(signed, Answer) or _is_late(signed):
        return Grade(title, "neutral", "It could not be seen without a 2xx in time.")
    try:
        body = read_json(signed)
    except OutboundError:
        return Grade(title, "bad", "The answer is not JSON; a JSON object with messageId is wanted.")
    if isinstance(body, dict) and _is_id(body.get("messageId")):
        return Grade(title, "good", "The answer names the message.")
    return Grade(title, "bad", "The answer has no messageId, so Digital Channels cannot follow the message.")


def _is_id(value: object) -> bool:
    return not isinstance(value, bool) and isinstance(value, str | int) and bool(str(value).strip())


def _refusal(signed: Outcome, forged: Outcome) -> Grade:
    title = "Refuses a wrong signature"
    if isinstance(forged, Answer):
        return Grade(title, "bad", f"It answered {forged.status}: anybody could send messages in your name.")
    if not isinstance(forged, Answered):
        return Grade(title, "neutral", "It could not be seen: no answer came to the wrongly signed message.")
    status = forged.answer.status if forged.answer else "no"
    if isinstance(signed, Answered) and type(signed) is type(forged):
        return Grade(title, "neutral", f"It answered {status} to both, so this says nothing about signatures.")
    if forged.permanent and not isinstance(forged, Redirected):
        return Grade(title, "good", f"It answered {status}.")
    return Grade(title, "warning", f"It answered {status}: not taken, but not clearly refused (401 or 403) either.")
