"""When the database or Redis cannot be reached: 503 and a sentence, not 500 and a shrug.

Two doors lead here. `OutageMiddleware` sees what a view raises. What is raised outside a view (a session that cannot be
loaded, say) only reaches Django's 500 handler, which therefore asks `outage_page` first.
"""

import logging
from collections.abc import Callable

import kombu.exceptions
import redis.exceptions
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.loader import render_to_string

from portal.deadlocks import is_conflict
from portal.frame.request_ids import current_request_id

RETRY_AFTER_SECONDS = 10

# What cannot be reached -> how the page names it.
_OUTAGES: dict[tuple[type[Exception], ...], str] = {
    (OperationalError, InterfaceError): "its database",
    # An answer that is an error comes from a Redis that is full, read-only or cannot save: that is an outage too.
    (redis.exceptions.RedisError, kombu.exceptions.OperationalError): "its queue",
}

logger = logging.getLogger(__name__)


def register(kind: type[Exception], name: str) -> None:
    """Make it an outage when a view raises this; `name` is what cannot be reached then. Upper rooms register theirs."""
    _OUTAGES[(kind,)] = name


def outage_page(error: BaseException | None) -> HttpResponse | None:
    """The 503 page when `error` says that a part of the portal cannot be reached, or is held by others, else None."""
    if is_conflict(error):
        logger.error("A transaction was ended for the sake of another, also when it was run once more: %s", error)
        return _page({"is_busy": True})
    missing = next((name for kinds, name in _OUTAGES.items() if isinstance(error, kinds)), None)
    if missing is None:
        return None
    logger.error("The portal cannot reach %s: %s", missing, type(error).__name__)
    return _page({"missing": missing})


def _page(what: dict[str, object]) -> HttpResponse:
    page = render_to_string("503.html", {**what, "request_id": current_request_id()})
    return HttpResponse(page, status=503, headers={"Retry-After": str(RETRY_AFTER_SECONDS)})


class OutageMiddleware:
    """Answers 503 where a view could not reach the database or Redis."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass on; the work is in `process_exception`."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:  # noqa: ARG002 - Django's signature
        """The outage page, or None so that Django goes on with any other error."""
        return outage_page(exception)
