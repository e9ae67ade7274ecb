"""Middleware that sets the client's IP address behind a reverse proxy."""

from collections.abc import Callable
from contextlib import suppress
from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase


class RealAddressMiddleware:
    """Copies the proxy's X-Real-IP to REMOTE_ADDR, for rate limits and audit events; only with BEHIND_TLS_PROXY.

    Without a proxy anybody could send that header, so it is ignored.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Process the request with the client's address."""
        if settings.BEHIND_TLS_PROXY:
            with suppress(ValueError):  # if it is not an IP address, keep that of the proxy
                request.META["REMOTE_ADDR"] = str(ip_address(request.META.get("HTTP_X_REAL_IP", "")))
        return self.get_response(request)
