"""Middleware that sets request id and address for the audit events of a request."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from portal.audit.context import acting


class AuditContextMiddleware:
    """Must come after the middleware that sets `request.request_id`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Process the request inside its audit context."""
        with acting(getattr(request, "request_id", ""), request.META.get("REMOTE_ADDR", "")):
            return self.get_response(request)
