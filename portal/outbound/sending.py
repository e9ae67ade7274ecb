"""send(): one request, one answer or one OutboundError, no database."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from django.conf import settings
from django.views.decorators.debug import sensitive_variables

from portal.crash_points import reach
from portal.outbound import translate, wire
from portal.outbound.deadline import Attempt
from portal.outbound.errors import DeadlinePassed, OutboundError
from portal.outbound.limits import seconds_for
from portal.outbound.redact import Mask
from portal.outbound.session import session_for
from portal.outbound.url_check import check_url

if TYPE_CHECKING:
    from collections.abc import Mapping

    from requests import PreparedRequest

    from portal.outbound.messages import Answer, Request
    from portal.outbound.url_check import Target

_log = logging.getLogger("portal.outbound")


def _reached(prepared: PreparedRequest, attempt: Attempt, host: str) -> Answer:
    response = session_for(attempt.destination).send(
        prepared,
        stream=True,
        allow_redirects=False,
        timeout=(settings.OUTBOUND_CONNECT_SECONDS, settings.OUTBOUND_READ_SECONDS),
    )
    reach("answer.unread")
    answer = wire.receive(response, attempt, host)
    if attempt.expired:
        # The shut-down socket looks like an honest end to a body that is delimited by it.
        raise DeadlinePassed(host)
    return answer


def _outcome(prepared: PreparedRequest, attempt: Attempt, host: str) -> Answer | OutboundError:
    """Errors are returned and not raised, which cuts the library's error, and its text, off."""
    with attempt:
        try:
            return _reached(prepared, attempt, host)
        except OutboundError as error:
            failure = error.with_traceback(None)
        except translate.LIBRARY_ERRORS as error:
            _log.debug("%s on the way to %s", type(error).__name__, host)
            failure = translate.from_library(error, attempt, host)
        attempt.drop()
    failure.__context__ = None
    failure.duration_ms = attempt.milliseconds()
    return failure


def _note(request: Request, target: Target, outcome: Answer | OutboundError, secrets: Mapping[str, str]) -> None:
    """Host and path only: a query could hold what people typed; and of the answer only its id, which may be an echo."""
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


# Hides the variables of this frame and of all below it in error mails: keys are among them.
@sensitive_variables()
def send(request: Request, secrets: Mapping[str, str]) -> Answer:
    """Send once, over this thread's kept-alive session, and return the 2xx answer.

    `secrets` maps the names of the request's Secrets to their values. Takes at most as long as `limits.py` says.
    Raises an OutboundError for everything else; call it with no transaction open.
    """
    target = check_url(request.destination, request.url)
    prepared = wire.prepare(request, secrets, target.host)
    outcome = _outcome(prepared, Attempt(request.destination, seconds_for(request.destination)), target.host)
    if not isinstance(outcome, OutboundError):
        outcome = translate.from_answer(outcome) or outcome
    _note(request, target, outcome, secrets)
    if isinstance(outcome, OutboundError):
        raise outcome
    return outcome
