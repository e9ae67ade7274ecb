"""Everything that can go wrong on the way out, and whether to try again.

    OutboundError
    ├── NotSent                    nothing left this machine, so nothing happened over there
    │   ├── UnsendableRequest      permanent   a header or body that HTTP cannot carry, or a missing secret
    │   ├── UrlRefused             permanent   a URL that is malformed or of a forbidden form
    │   │   └── AddressRefused     permanent   its host leads to an address that the policy forbids
    │   ├── CertificateRefused     permanent   the host could not prove who it is
    │   ├── NameNotResolved        retryable
    │   ├── NameServerSilent       retryable
    │   ├── ConnectFailed          retryable
    │   ├── ConnectTimedOut        retryable
    │   └── TlsFailed              retryable
    ├── NoUsableAnswer             it was sent: unknown outcome, retryable (where repeats cost, look first)
    │   ├── DeadlinePassed
    │   ├── ConnectionLost
    │   ├── CutShort
    │   ├── TooLarge
    │   ├── BadAnswer
    │   └── Unreadable             raised by Answer.json(): a 2xx whose body says nothing
    └── Answered                   a complete answer that says no; `.answer` holds it
        ├── RateLimited            retryable   429, `.retry_after` in seconds when the answer names it
        ├── ServerError            retryable, unknown outcome   5xx, `.retry_after` as well
        ├── Redirected             permanent   3xx
        ├── NotAllowed             permanent   401, 403
        ├── NotFound               permanent   404
        ├── Conflict               permanent   409
        └── Rejected               permanent   any other 4xx

`permanent` and `retryable` are opposites. `unknown_outcome` tells that the request may have been carried out.

The texts are for people, and no code reads them to decide something: `cause` says what happened and what to do, `doubt`
what the unknown outcome means (empty where there is none), and `sentence` is both. Who only asked, or has better words
for the doubt, shows `cause`. They hold no secret and no text of a library.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from portal.outbound.messages import Answer


class OutboundError(Exception):
    """A request that did not get a usable answer; catch this one, ask its flags."""

    code: ClassVar[str] = "outbound"
    permanent: ClassVar[bool] = False
    retryable: ClassVar[bool] = False
    unknown_outcome: ClassVar[bool] = False
    says: ClassVar[str] = "{host} could not be called."
    doubts: ClassVar[str] = ""

    def __init__(
        self,
        host: str = "",
        *,
        detail: str = "",
        answer: Answer | None = None,
        retry_after: int | None = None,
    ) -> None:
        self.host = host
        self.answer = answer
        self.retry_after = retry_after
        self.duration_ms = answer.duration_ms if answer else 0
        self.purpose = ""  # that of the request, set by the one who sent it
        status = answer.status if answer else ""
        self.cause = self.says.format(host=host or "The other system", detail=detail, status=status)
        self.doubt = self.doubts
        self.sentence = f"{self.cause} {self.doubt}".strip()
        super().__init__(self.sentence)


class NotSent(OutboundError):
    """Nothing left this machine, so nothing happened over there."""

    code = "not_sent"


class UnsendableRequest(NotSent):
    """A header or body that HTTP cannot carry, or a secret that is missing."""

    code = "unsendable"
    permanent = True
    says = "{detail} Nothing was sent. Correct it and start again."


class UrlRefused(NotSent):
    """A URL that is malformed or of a forbidden form; not repeated here, it may hold a password."""

    code = "url_refused"
    permanent = True
    says = "{detail}"


class AddressRefused(UrlRefused):
    """The host leads to an address that the destination's policy forbids."""

    code = "address_refused"
    permanent = True
    says = "{host} {detail} Nothing was sent."


class CertificateRefused(NotSent):
    """The host could not prove who it is."""

    code = "certificate_refused"
    permanent = True
    says = (
        "The certificate of {host} is not valid for that name or not issued by a known authority. "
        "Nothing was sent. Check the address; if it is right, have the certificate replaced there."
    )


class NameNotResolved(NotSent):
    """DNS knows no such host."""

    code = "name_not_resolved"
    retryable = True
    says = "The name {host} was not found. Nothing was sent. Check the spelling of the address, then try again."


class NameServerSilent(NotSent):
    """Nobody said whether the host exists: the name server gave no answer in time, or said that it cannot tell."""

    code = "name_server_silent"
    retryable = True
    says = (
        "The name server gave no answer about {host} in time. Nothing was sent. "
        "The address may be right: try again, and if it stays so, tell whoever runs the portal."
    )


class ConnectFailed(NotSent):
    """No connection: refused, unreachable."""

    code = "connect_failed"
    retryable = True
    says = (
        "{host} does not take connections. Nothing was sent. "
        "Check address and port, and whether the service is up, then try again."
    )


class ConnectTimedOut(NotSent):
    """No connection within the time limit."""

    code = "connect_timed_out"
    retryable = True
    says = (
        "{host} did not take the connection in time. Nothing was sent. "
        "Check address, port and firewall, then try again."
    )


class TlsFailed(NotSent):
    """The connection stands, but no encryption could be agreed on."""

    code = "tls_failed"
    retryable = True
    says = (
        "No encrypted connection to {host} came about. Nothing was sent. "
        "Check that this port speaks HTTPS, then try again."
    )


_LOOK_FIRST = "Whether the request was carried out is not known: look there before it is sent again."


class NoUsableAnswer(OutboundError):
    """It was sent, and nobody here knows what became of it."""

    code = "no_usable_answer"
    retryable = True
    unknown_outcome = True
    says = "{host} gave no usable answer."
    doubts = _LOOK_FIRST


class DeadlinePassed(NoUsableAnswer):
    """The answer did not arrive in time, or not in whole."""

    code = "deadline_passed"
    says = "{host} did not answer in time."


class ConnectionLost(NoUsableAnswer):
    """The connection ended before the answer began."""

    code = "connection_lost"
    says = "{host} closed the connection without an answer."


class CutShort(NoUsableAnswer):
    """The answer ended in its middle."""

    code = "cut_short"
    says = "The answer of {host} ended too early."


class TooLarge(NoUsableAnswer):
    """The answer is larger than any honest one."""

    code = "too_large"
    says = "The answer of {host} was too large and was not read."


class BadAnswer(NoUsableAnswer):
    """What came back is not HTTP, or has a status that means nothing."""

    code = "bad_answer"
    says = "{host} answered in a form that could not be understood. Check the address."


class Unreadable(NoUsableAnswer):
    """A 2xx whose body is not the JSON it should be: probably carried out, but nothing proves it.

    Retryable like its siblings, since a proxy's error page with status 200 passes by; `unknown_outcome` keeps
    callers whose repeats cost money from doing so blindly.
    """

    code = "unreadable"
    says = "{host} answered {status}, but what it said could not be read."


class Answered(OutboundError):
    """A complete answer that says no."""

    code = "answered"


class RateLimited(Answered):
    """429."""

    code = "rate_limited"
    retryable = True
    says = "{host} takes no more requests for now (429). The request was not carried out. Wait, then try again."


class ServerError(Answered):
    """5xx: it broke over there, perhaps after doing what was asked."""

    code = "server_error"
    retryable = True
    unknown_outcome = True
    says = "{host} failed ({status})."
    doubts = _LOOK_FIRST


class Redirected(Answered):
    """3xx: redirects are never followed, for a secret must not travel to a host nobody entered."""

    code = "redirected"
    permanent = True
    says = (
        "{host} points to another address ({status}), and redirects are not followed. "
        "Enter the final address; http instead of https is the usual cause."
    )


class NotAllowed(Answered):
    """401 or 403."""

    code = "not_allowed"
    permanent = True
    says = "{host} refused access ({status}). Nothing was changed there. Check the key and its permissions."


class NotFound(Answered):
    """404."""

    code = "not_found"
    permanent = True
    says = "{host} knows no such thing (404). Nothing was changed there. Check the address and the ids in it."


class Conflict(Answered):
    """409."""

    code = "conflict"
    permanent = True
    says = "{host} says that this exists already or contradicts what is there (409). Nothing was changed there."


class Rejected(Answered):
    """Any other 4xx."""

    code = "rejected"
    permanent = True
    says = "{host} did not accept the request ({status}). Nothing was changed there. Check what was entered."
