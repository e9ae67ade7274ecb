"""Errors of the HTTP client, and whether to retry.

    OutboundError
    ├── NotSent                    nothing was sent, so nothing happened
    │   ├── UnsendableRequest      permanent   a header or body that HTTP cannot carry, or a missing secret
    │   ├── UrlRefused             permanent   a URL that is malformed or not allowed
    │   │   └── AddressRefused     permanent   its host has an address that the policy forbids
    │   ├── CertificateRefused     permanent   the host could not prove its identity
    │   ├── NameNotResolved        retryable
    │   ├── NameServerSilent       retryable
    │   ├── ConnectFailed          retryable
    │   ├── ConnectTimedOut        retryable
    │   └── TlsFailed              retryable
    ├── NoUsableAnswer             it was sent: unknown outcome, retryable (check first if repeats cost money)
    │   ├── DeadlinePassed
    │   ├── ConnectionLost
    │   ├── CutShort
    │   ├── TooLarge
    │   ├── BadAnswer
    │   └── Unreadable             raised by read_json(): a 2xx whose body is not JSON
    └── Answered                   a complete response with an error; `.answer` is the response
        ├── RateLimited            retryable   429, `.retry_after` in seconds if the response has it
        ├── ServerError            retryable, unknown outcome   5xx, `.retry_after` too
        ├── Redirected             permanent   3xx
        ├── NotAllowed             permanent   401, 403
        ├── NotFound               permanent   404
        ├── Conflict               permanent   409
        └── Rejected               permanent   any other 4xx

`permanent` and `retryable` are opposites. `unknown_outcome` means that the request may have been carried out.

The texts are for people, and no code makes decisions from them: `cause` says what happened and what to do, `doubt` what
the unknown outcome means (empty if it is known), and `sentence` is both. Code that only reads data, or that has a
better text for the doubt, shows `cause`. The texts contain no secrets and no messages of libraries.
"""

from __future__ import annotations

from typing import ClassVar

from portal.http_client.messages import Answer


class OutboundError(Exception):
    """A request without a usable response; catch this class and check its flags."""

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
        self.purpose = ""  # the request's purpose, set by the caller that sent it
        status = answer.status if answer else ""
        self.cause = self.says.format(host=host or "The other system", detail=detail, status=status)
        self.doubt = self.doubts
        self.sentence = f"{self.cause} {self.doubt}".strip()
        super().__init__(self.sentence)


class NotSent(OutboundError):
    """Nothing was sent, so nothing happened."""

    code = "not_sent"


class UnsendableRequest(NotSent):
    """A header or body that HTTP cannot carry, or a missing secret."""

    code = "unsendable"
    permanent = True
    says = "{detail} Nothing was sent. Correct it and start again."


class UrlRefused(NotSent):
    """A malformed URL, or one that is not allowed; not repeated here, as it may contain a password."""

    code = "url_refused"
    permanent = True
    says = "{detail}"


class AddressRefused(UrlRefused):
    """The host has an address that the destination's policy forbids."""

    code = "address_refused"
    permanent = True
    says = "{host} {detail} Nothing was sent."


class CertificateRefused(NotSent):
    """The host could not prove its identity."""

    code = "certificate_refused"
    permanent = True
    says = (
        "The certificate of {host} is not valid for that name or not issued by a known authority. "
        "Nothing was sent. Check the address; if it is right, have the certificate replaced there."
    )


class NameNotResolved(NotSent):
    """DNS has no such host."""

    code = "name_not_resolved"
    retryable = True
    says = "The name {host} was not found. Nothing was sent. Check the spelling of the address, then try again."


class NameServerSilent(NotSent):
    """It is unknown whether the host exists: DNS did not answer in time, or could not tell."""

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
    """Connected, but TLS could not be negotiated."""

    code = "tls_failed"
    retryable = True
    says = (
        "No encrypted connection to {host} came about. Nothing was sent. "
        "Check that this port speaks HTTPS, then try again."
    )


_LOOK_FIRST = "Whether the request was carried out is not known: look there before it is sent again."


class NoUsableAnswer(OutboundError):
    """The request was sent, and its outcome is unknown."""

    code = "no_usable_answer"
    retryable = True
    unknown_outcome = True
    says = "{host} gave no usable answer."
    doubts = _LOOK_FIRST


class DeadlinePassed(NoUsableAnswer):
    """The response did not arrive in time, or not completely."""

    code = "deadline_passed"
    says = "{host} did not answer in time."


class ConnectionLost(NoUsableAnswer):
    """The connection was closed before the response started."""

    code = "connection_lost"
    says = "{host} closed the connection without an answer."


class CutShort(NoUsableAnswer):
    """The response ended early."""

    code = "cut_short"
    says = "The answer of {host} ended too early."


class TooLarge(NoUsableAnswer):
    """The response is larger than any legitimate one."""

    code = "too_large"
    says = "The answer of {host} was too large and was not read."


class BadAnswer(NoUsableAnswer):
    """The response is not HTTP, or has a status without a meaning."""

    code = "bad_answer"
    says = "{host} answered in a form that could not be understood. Check the address."


class Unreadable(NoUsableAnswer):
    """A 2xx whose body is not the expected JSON: probably carried out, but that is not proved.

    Retryable like its siblings, because it may be a proxy's temporary error page with status 200; with
    `unknown_outcome`, callers whose repeats cost money do not retry blindly.
    """

    code = "unreadable"
    says = "{host} answered {status}, but what it said could not be read."


class Answered(OutboundError):
    """A complete response with an error."""

    code = "answered"


class RateLimited(Answered):
    """429."""

    code = "rate_limited"
    retryable = True
    says = "{host} takes no more requests for now (429). The request was not carried out. Wait, then try again."


class ServerError(Answered):
    """5xx: the server failed, possibly after carrying out the request."""

    code = "server_error"
    retryable = True
    unknown_outcome = True
    says = "{host} failed ({status})."
    doubts = _LOOK_FIRST


class Redirected(Answered):
    """3xx: redirects are never followed, because a secret must not be sent to a host that nobody entered."""

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
