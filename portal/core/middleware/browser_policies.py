"""Middleware for security headers that Django and django-csp do not set."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

# The first two are for passkeys.
_OWN = ("publickey-credentials-create", "publickey-credentials-get", "clipboard-write")

_NOBODYS = (
    "accelerometer",
    "autoplay",
    "camera",
    "clipboard-read",
    "display-capture",
    "fullscreen",
    "geolocation",
    "gyroscope",
    "hid",
    "idle-detection",
    "magnetometer",
    "microphone",
    "midi",
    "payment",
    "picture-in-picture",
    "screen-wake-lock",
    "serial",
    "usb",
    "xr-spatial-tracking",
)

PERMISSIONS = ", ".join([*(f"{name}=(self)" for name in _OWN), *(f"{name}=()" for name in _NOBODYS)])


class BrowserPoliciesMiddleware:
    """Sets Permissions-Policy, and Cross-Origin-Resource-Policy so that no other site can embed or read a response."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Add both headers to the response."""
        response = self.get_response(request)
        response.headers["Permissions-Policy"] = PERMISSIONS
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        return response


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
