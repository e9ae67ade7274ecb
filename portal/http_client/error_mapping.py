"""Error mapping: exceptions of the HTTP libraries and HTTP statuses to our OutboundError classes."""

from __future__ import annotations

import email.utils
import re
import ssl
from datetime import UTC, datetime
from http.client import HTTPException, IncompleteRead, RemoteDisconnected
from typing import TYPE_CHECKING

import urllib3.exceptions
from requests import RequestException

from portal.http_client import errors

if TYPE_CHECKING:
    from collections.abc import Iterator

    from portal.http_client.errors import OutboundError
    from portal.http_client.guarded_connection import Attempt
    from portal.http_client.messages import Answer

# Everything that requests, urllib3, http.client and ssl raise. Not `Exception`: a task's soft time limit must pass
# through.
LIBRARY_ERRORS = (RequestException, urllib3.exceptions.HTTPError, HTTPException, OSError, ValueError)

LONGEST_RETRY_AFTER = 3600
_SECONDS = re.compile(r"[0-9]{1,12}")
_DEPTH = 12


def _layers(error: BaseException) -> Iterator[BaseException]:
    """The error and those that it wraps: the libraries put causes into args, reason, __cause__ and __context__."""
    waiting: list[object] = [error]
    for _ in range(_DEPTH):
        if not waiting:
            return
        layer = waiting.pop(0)
        if isinstance(layer, BaseException):
            yield layer
            waiting += [*layer.args, getattr(layer, "reason", None), layer.__cause__, layer.__context__]
            waiting = [item for item in waiting if isinstance(item, BaseException)]


def _is_any(layers: list[BaseException], *kinds: type[BaseException]) -> bool:
    return any(isinstance(layer, kinds) for layer in layers)


def _before_sending(layers: list[BaseException]) -> type[OutboundError]:
    if _is_any(layers, ssl.SSLCertVerificationError, urllib3.util.ssl_match_hostname.CertificateError):
        return errors.CertificateRefused
    if _is_any(layers, TimeoutError, urllib3.exceptions.TimeoutError):
        return errors.ConnectTimedOut
    if _is_any(layers, ssl.SSLError, urllib3.exceptions.SSLError):
        return errors.TlsFailed
    return errors.ConnectFailed


def _after_sending(layers: list[BaseException]) -> type[OutboundError]:
    if _is_any(layers, TimeoutError, urllib3.exceptions.TimeoutError):
        return errors.DeadlinePassed
    if _is_any(layers, IncompleteRead, urllib3.exceptions.IncompleteRead):
        return errors.CutShort
    if _is_any(layers, RemoteDisconnected, ConnectionError, ssl.SSLError):
        return errors.ConnectionLost
    return errors.BadAnswer


def from_library(error: Exception, attempt: Attempt, host: str) -> OutboundError:
    """Map an error: if the request had started to leave, the outcome is unknown, else nothing happened."""
    if attempt.over:
        return (errors.DeadlinePassed if attempt.sent else errors.ConnectTimedOut)(host)
    layers = list(_layers(error))
    return (_after_sending if attempt.sent else _before_sending)(layers)(host)


def retry_after(value: str, now: datetime) -> int | None:
    """Seconds from a Retry-After header (seconds or an HTTP date), at most an hour; None if it is invalid."""
    value = value.strip()
    if _SECONDS.fullmatch(value):
        return min(int(value), LONGEST_RETRY_AFTER)
    try:
        moment = email.utils.parsedate_to_datetime(value)
    except (ValueError, TypeError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0, min(round((moment - now).total_seconds()), LONGEST_RETRY_AFTER))


_BY_STATUS: dict[int, type[OutboundError]] = {
    401: errors.NotAllowed,
    403: errors.NotAllowed,
    404: errors.NotFound,
    409: errors.Conflict,
    429: errors.RateLimited,
}
_BY_CLASS: dict[int, type[OutboundError]] = {3: errors.Redirected, 4: errors.Rejected, 5: errors.ServerError}


def from_answer(answer: Answer) -> OutboundError | None:
    """The error for a complete response; None for a 2xx."""
    if answer.status // 100 == 2:  # noqa: PLR2004 - the class of successes
        return None
    kind = _BY_STATUS.get(answer.status) or _BY_CLASS.get(answer.status // 100, errors.BadAnswer)
    wait = retry_after(answer.headers.get("retry-after", ""), datetime.now(UTC)) if kind.retryable else None
    return kind(answer.host, answer=answer, retry_after=wait)
