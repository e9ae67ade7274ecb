"""When the session ends while a part of a page refreshes itself."""

from collections.abc import Callable
from urllib.parse import parse_qsl, urlencode, urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import resolve_url

REDIRECTED = 302


class HtmxSignInMiddleware:
    """Sends the whole page to the sign-in: htmx would put what it is redirected to into the middle of the page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, and turn a redirect to the sign-in into one of the whole page."""
        response = self.get_response(request)
        target = response.headers.get("Location", "")
        sign_in = resolve_url(settings.LOGIN_URL)
        if request.headers.get("HX-Request") and response.status_code == REDIRECTED and target.startswith(sign_in):
            return HttpResponse(status=204, headers={"HX-Redirect": sign_in + _why(target)})
        return response


def _why(target: str) -> str:
    """Return the query that says why the session ended; the way back would lead to a part of a page, and goes."""
    why = [pair for pair in parse_qsl(urlsplit(target).query) if pair[0] == "ended"]
    return f"?{urlencode(why)}" if why else ""
