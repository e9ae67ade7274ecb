"""Only GET, HEAD and POST come as far as a view, and whatever a URL does not know is told in a sentence."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase, HttpResponseNotAllowed
from django.template.loader import render_to_string

from portal.frame.request_ids import current_request_id

KNOWN = ("GET", "HEAD", "POST")


class KnownMethodsMiddleware:
    """Answers 405 to all other methods, before anybody asks who it is.

    Class-based views take PUT for POST and answer OPTIONS and DELETE as they please; no page here needs any of them. A
    view's own 405 is empty, and people meet it: the sign-in leads back to the button that was pressed when the session
    ended, and a button's address cannot be opened.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, with the page about methods where the method is not known."""
        if request.method not in KNOWN:
            sentence = f"Nothing here knows {request.method}; use {', '.join(KNOWN)}.\n"
            return HttpResponseNotAllowed(KNOWN, sentence, content_type="text/plain; charset=utf-8")
        response = self.get_response(request)
        if isinstance(response, HttpResponseNotAllowed) and not response.content:
            response.content = render_to_string("405.html", {"request_id": current_request_id()}, request)
        return response
