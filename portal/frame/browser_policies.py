"""What a browser may not do with the portal's pages, besides what Django and django-csp say."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

# Passkeys are the two that the portal uses itself.
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
    """Sets Permissions-Policy, and Cross-Origin-Resource-Policy: no other site may draw or read an answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, with both."""
        response = self.get_response(request)
        response.headers["Permissions-Policy"] = PERMISSIONS
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        return response
