"""One id for each request: on the request, in the answer's header, in every log line.

An id sent by a client is never taken over: it would let outsiders write into our logs and pick ids that collide.
"""

import logging
import uuid
from collections.abc import Callable
from contextvars import ContextVar

from django.http import HttpRequest, HttpResponseBase

HEADER = "X-Request-ID"

_current: ContextVar[str] = ContextVar("request_id", default="")


def current_request_id() -> str:
    """The id of the request in hand (32 hex digits), or "" outside a request."""
    return _current.get()


class RequestIdMiddleware:
    """Gives `request.request_id` (32 hex digits) and the answer header `X-Request-ID`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer with the id; the contextvar is put back so that a reused thread starts clean."""
        request_id = uuid.uuid4().hex
        request.request_id = request_id  # type: ignore[attr-defined]  # Django has no declared place for extras
        token = _current.set(request_id)
        try:
            response = self.get_response(request)
        finally:
            _current.reset(token)
        response.headers[HEADER] = request_id
        return response


class RequestIdFilter(logging.Filter):
    """Gives each log record `request_id`, "-" outside a request, for use in a log format."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Mark the record; nothing is ever dropped."""
        record.request_id = current_request_id() or "-"
        return True
