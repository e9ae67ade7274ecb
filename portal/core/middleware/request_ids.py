"""Request ids: on the request, in a response header, and in every log record.

An id sent by a client is never used: outsiders could write into our logs and choose ids that collide.
"""

import uuid
from collections.abc import Callable
from contextvars import ContextVar

from django.http import HttpRequest, HttpResponseBase

HEADER = "X-Request-ID"

_current: ContextVar[str] = ContextVar("request_id", default="")


def current_request_id() -> str:
    """The id of the current request (32 hex digits), or "" outside a request."""
    return _current.get()


class RequestIdMiddleware:
    """Sets `request.request_id` (32 hex digits) and the response header `X-Request-ID`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Process the request with an id; the context variable is reset so that a reused thread starts clean."""
        request_id = uuid.uuid4().hex
        request.request_id = request_id  # type: ignore[attr-defined]  # Django has no declared place for extras
        token = _current.set(request_id)
        try:
            response = self.get_response(request)
        finally:
            _current.reset(token)
        response.headers[HEADER] = request_id
        return response
