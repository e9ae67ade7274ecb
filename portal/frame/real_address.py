"""The address of the person behind the reverse proxy."""

from collections.abc import Callable
from contextlib import suppress
from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase


class RealAddressMiddleware:
    """Puts the proxy's X-Real-IP into REMOTE_ADDR, where limits and history look; only with BEHIND_TLS_PROXY.

    Without a proxy anybody could send that header, so then it is not looked at.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request in the name of its real sender."""
        if settings.BEHIND_TLS_PROXY:
            with suppress(ValueError):  # what is no address leaves the proxy's own
                request.META["REMOTE_ADDR"] = str(ip_address(request.META.get("HTTP_X_REAL_IP", "")))
        return self.get_response(request)
