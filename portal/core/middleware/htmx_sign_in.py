"""Middleware for sessions that expire while htmx refreshes a part of a page."""

from collections.abc import Callable
from urllib.parse import parse_qsl, urlencode, urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import resolve_url

REDIRECTED = 302


class HtmxSignInMiddleware:
    """Redirects the whole page to sign-in: htmx would insert the sign-in page into the current one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Replace a redirect to sign-in by an HX-Redirect of the whole page."""
        response = self.get_response(request)
        target = response.headers.get("Location", "")
        sign_in = resolve_url(settings.LOGIN_URL)
        if request.headers.get("HX-Request") and response.status_code == REDIRECTED and target.startswith(sign_in):
            return HttpResponse(status=204, headers={"HX-Redirect": sign_in + _why(target)})
        return response


def _why(target: str) -> str:
    """Return the query with the reason why the session ended; `next` is dropped, because it is a part of a page."""
    why = [pair for pair in parse_qsl(urlsplit(target).query) if pair[0] == "ended"]
    return f"?{urlencode(why)}" if why else ""
