"""Middleware that allows only GET, HEAD and POST, and explains a method that a URL does not support."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase, HttpResponseNotAllowed
from django.template.loader import render_to_string

from portal.core.middleware.request_ids import current_request_id

KNOWN = ("GET", "HEAD", "POST")


class KnownMethodsMiddleware:
    """Responds 405 to all other methods, before authentication.

    Class-based views treat PUT as POST and implement OPTIONS and DELETE themselves; no page here needs any of them. The
    405 of a view itself has no content, and people can meet it: after sign-in they return to the URL of the button that
    they pressed when the session ended, and that URL does not support GET.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Process the request, and add a page to an empty 405 response."""
        if request.method not in KNOWN:
            sentence = f"Nothing here knows {request.method}; use {', '.join(KNOWN)}.\n"
            return HttpResponseNotAllowed(KNOWN, sentence, content_type="text/plain; charset=utf-8")
        response = self.get_response(request)
        if isinstance(response, HttpResponseNotAllowed) and not response.content:
            response.content = render_to_string("405.html", {"request_id": current_request_id()}, request)
        return response
