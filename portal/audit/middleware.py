"""Lets every event of a request carry the request's id and address."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from portal.audit.context import acting


class AuditContextMiddleware:
    """Stands after the middleware that gives `request.request_id`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request inside its audit context."""
        with acting(getattr(request, "request_id", ""), request.META.get("REMOTE_ADDR", "")):
            return self.get_response(request)
