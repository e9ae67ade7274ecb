"""Keeps pages out of caches: after sign-out, the back button must not show a tenant's page from the disk."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase


class NoStoreMiddleware:
    """Sets `Cache-Control: no-store` wherever a view has not spoken for itself.

    It asks nobody who is signed in: the question would cost a query, and no page here gains from a cache. Static files
    are answered before this middleware and keep their long life.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, marked as not to be stored."""
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "no-store, private")
        return response
