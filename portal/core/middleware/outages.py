"""Outage handling: 503 with an explanation when the database or Redis cannot be reached.

`OutageMiddleware` handles exceptions of views. Exceptions outside a view (for example when a session cannot be loaded)
reach only Django's 500 handler, which calls `outage_page` first.
"""

import logging
from collections.abc import Callable

import kombu.exceptions
import redis.exceptions
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.loader import render_to_string

from portal.core.db.deadlocks import is_conflict, is_read_only
from portal.core.middleware.request_ids import current_request_id

RETRY_AFTER_SECONDS = 10

_DATABASE = "its database"
#: How many characters of an error's message go into the log.
_SHOWN = 200

# Exceptions, and what the page calls the system that cannot be reached.
_OUTAGES: dict[tuple[type[Exception], ...], str] = {
    (OperationalError, InterfaceError): _DATABASE,
    # Redis answers with an error if it is full, read-only or cannot save: that is an outage too.
    (redis.exceptions.RedisError, kombu.exceptions.OperationalError): "its queue",
}

logger = logging.getLogger(__name__)


def register(kind: type[Exception], name: str) -> None:
    """Treat this exception of a view as an outage; `name` is the system that is down. Apps register theirs."""
    _OUTAGES[(kind,)] = name


def outage_page(error: BaseException | None) -> HttpResponse | None:
    """Return the 503 page if `error` is an outage, or a database conflict after the retry; else None."""
    if is_conflict(error):
        logger.error("A transaction was ended for the sake of another, also when it was run once more: %s", error)
        return _page({"is_busy": True})
    missing = next((name for kinds, name in _OUTAGES.items() if isinstance(error, kinds)), None)
    if is_read_only(error):
        missing = _DATABASE
    if missing is None:
        return None
    # Only the message tells a full disk from a server that is away.
    logger.error("The portal cannot reach %s: %s: %s", missing, type(error).__name__, ascii(str(error)[:_SHOWN]))
    return _page({"missing": missing})


def _page(what: dict[str, object]) -> HttpResponse:
    page = render_to_string("503.html", {**what, "request_id": current_request_id()})
    return HttpResponse(page, status=503, headers={"Retry-After": str(RETRY_AFTER_SECONDS)})


class OutageMiddleware:
    """Responds 503 if a view could not reach the database or Redis."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass the request on; the work is in `process_exception`."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:  # noqa: ARG002 - Django's signature
        """Return the outage page, or None to let Django handle any other error."""
        return outage_page(exception)
