"""send(): send one request, and return its response or raise an OutboundError; no database."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from django.conf import settings
from django.views.decorators.debug import sensitive_variables

from portal.core.logging.encodings import Mask
from portal.core.tasks.failpoints import failpoint
from portal.http_client import error_mapping, serialization
from portal.http_client.errors import DeadlinePassed, OutboundError
from portal.http_client.guarded_connection import Attempt
from portal.http_client.serialization import seconds_for
from portal.http_client.session import session_for
from portal.http_client.url_check import check_url

if TYPE_CHECKING:
    from collections.abc import Mapping

    from requests import PreparedRequest

    from portal.http_client.messages import Answer, Request
    from portal.http_client.url_check import Target

_log = logging.getLogger("portal.http_client")


def _reached(prepared: PreparedRequest, attempt: Attempt, host: str) -> Answer:
    response = session_for(attempt.destination).send(
        prepared,
        stream=True,
        allow_redirects=False,
        timeout=(settings.OUTBOUND_CONNECT_SECONDS, settings.OUTBOUND_READ_SECONDS),
    )
    failpoint("answer.unread")
    answer = serialization.receive(response, attempt, host)
    if attempt.expired:
        # The end of a body without a length looks the same as a socket that was shut down.
        raise DeadlinePassed(host)
    return answer


def _outcome(prepared: PreparedRequest, attempt: Attempt, host: str) -> Answer | OutboundError:
    """Send, and return errors instead of raising them: this drops the library's error and its text."""
    with attempt:
        try:
            return _reached(prepared, attempt, host)
        except OutboundError as error:
            failure = error.with_traceback(None)
        except error_mapping.LIBRARY_ERRORS as error:
            _log.debug("%s on the way to %s", type(error).__name__, host)
            failure = error_mapping.from_library(error, attempt, host)
        attempt.drop()
    failure.__context__ = None
    failure.duration_ms = attempt.milliseconds()
    return failure


def _note(request: Request, target: Target, outcome: Answer | OutboundError, secrets: Mapping[str, str]) -> None:
    """Log host and path only: a query may contain user input. Of the response only its id, redacted."""
    answer = outcome.answer if isinstance(outcome, OutboundError) else outcome
    word = outcome.code if isinstance(outcome, OutboundError) else "ok"
    _log.info(
        "%s %s%s -> %s %s in %d ms [%s]",
        request.method,
        target.host,
        target.path,
        answer.status if answer else "-",
        word,
        outcome.duration_ms,
        Mask(secrets).text(answer.correlation_id) if answer and answer.correlation_id else "",
    )


# Hides the variables of this frame and of all below it in error mails: they contain keys.
@sensitive_variables()
def send(request: Request, secrets: Mapping[str, str]) -> Answer:
    """Send once, over this thread's keep-alive session, and return the 2xx response.

    `secrets` maps the names of the request's Secrets to their values. `limits.py` sets the time limit. Raises an
    OutboundError for everything else, and TransactionOpen inside a transaction, before anything is sent.
    """
    attempt = Attempt(request.destination, seconds_for(request.destination))
    target = check_url(request.destination, request.url)
    prepared = serialization.prepare(request, secrets, target.host)
    outcome = _outcome(prepared, attempt, target.host)
    if not isinstance(outcome, OutboundError):
        outcome = error_mapping.from_answer(outcome) or outcome
    _note(request, target, outcome, secrets)
    if isinstance(outcome, OutboundError):
        raise outcome
    return outcome
