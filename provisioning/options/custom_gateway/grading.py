"""Grading a gateway's answers to the rehearsal, against what Digital Channels expects of it.

From the documentation of the Third-Party Messaging API: an answer within 10 s, a 2xx, a body with `messageId`, and
calls whose signature is wrong are refused.
"""

from dataclasses import asdict, dataclass
from urllib.parse import urlsplit

from portal.outbound.errors import Answered, CertificateRefused, NotSent, OutboundError, TlsFailed
from portal.outbound.messages import Answer

LONGEST_MS = 10_000
Outcome = Answer | OutboundError


@dataclass(frozen=True)
class Grade:
    """One thing that was looked at; `tone` is the frame's: good, warning, bad or neutral (could not be seen)."""

    title: str
    tone: str
    sentence: str


def grade(url: str, signed: Outcome, forged: Outcome) -> list[dict[str, str]]:
    """Return all grades, for the row: of the rightly signed call first, then of the wrongly signed one."""
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
    if isinstance(signed, OutboundError) and not isinstance(signed, Answered):
        return Grade(title, "bad", signed.sentence)
    return Grade(title, "good", "The gateway answered.")


def _in_time(signed: Outcome) -> Grade:
    title = "Answers within 10 s"
    if isinstance(signed, NotSent):
        return _unseen(title)
    seconds = f"{signed.duration_ms / 1000:.1f} s"
    if signed.duration_ms > LONGEST_MS:
        return Grade(title, "bad", f"After {seconds}. Digital Channels gives up at 10 s and sends the message again.")
    if isinstance(signed, OutboundError) and not isinstance(signed, Answered):
        return Grade(title, "bad", "No usable answer came.")
    return Grade(title, "good", f"After {seconds}.")


def _accepted(signed: Outcome) -> Grade:
    title = "Takes a signed message"
    if isinstance(signed, Answer):
        return Grade(title, "good", f"It answered {signed.status}.")
    if not isinstance(signed, Answered) or signed.answer is None:
        return _unseen(title) if isinstance(signed, NotSent) else Grade(title, "bad", "No usable answer came.")
    status = signed.answer.status
    if status in {401, 403}:
        return Grade(
            title, "bad", f"It answered {status}: it checks the signature with another key than the one stored here."
        )
    return Grade(title, "bad", f"It answered {status}; a 2xx is wanted. A 5xx makes Digital Channels send again.")


def _message_id(signed: Outcome) -> Grade:
    title = "Returns a messageId"
    if not isinstance(signed, Answer):
        return Grade(title, "neutral", "It could not be seen without a 2xx.")
    try:
        body = signed.json()
    except OutboundError:
        return Grade(title, "bad", "The answer is not JSON; a JSON object with messageId is wanted.")
    if (
        isinstance(body, dict)
        and isinstance(body.get("messageId"), str | int)
        and body["messageId"] not in {"", True, False}
    ):
        return Grade(title, "good", "The answer names the message.")
    return Grade(title, "bad", "The answer has no messageId, so Digital Channels cannot follow the message.")


def _refusal(signed: Outcome, forged: Outcome) -> Grade:
    title = "Refuses a wrong signature"
    if not isinstance(signed, Answer):
        return Grade(title, "neutral", "It says nothing while rightly signed messages are not taken either.")
    if isinstance(forged, Answer):
        return Grade(title, "bad", f"It answered {forged.status}: anybody could send messages in your name.")
    if isinstance(forged, Answered) and forged.permanent:
        status = forged.answer.status if forged.answer else "no"
        return Grade(title, "good", f"It answered {status}.")
    return Grade(title, "warning", "It did not take the message, but did not refuse it clearly (401 or 403) either.")
