"""Middleware that disables caching, so that the back button cannot show a tenant's page after sign-out."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase


class NoStoreMiddleware:
    """Sets `Cache-Control: no-store` unless the view has set the header.

    It does not check whether somebody is signed in: that would cost a query, and no page gains from a cache. Static
    files are served before this middleware and keep their long lifetime.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Add the header to the response."""
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "no-store, private")
        return response
