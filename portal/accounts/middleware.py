"""Every page asks for a sign-in, unless its view says otherwise; and a person at work keeps their session."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect

from portal.accounts.sessions import session_of

#: Longer ones are cut: a browser's name stands at either end.
USER_AGENT_LENGTH = 300


class SessionActivityMiddleware:
    """Tells the session where the request comes from, and notes that its owner is there, at most once a minute.

    A part of a page that refreshes itself is nobody's doing: else an open run page would keep a session for ever.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, and note the presence unless no session was asked for."""
        session = session_of(request)
        session.address = request.META.get("REMOTE_ADDR", "")
        session.user_agent = request.headers.get("User-Agent", "")[:USER_AGENT_LENGTH]
        response = self.get_response(request)
        if not _refreshes_itself(request):
            session.note_presence()
        return response


def _refreshes_itself(request: HttpRequest) -> bool:
    return request.method == "GET" and "HX-Request" in request.headers


class SignInRequiredMiddleware(LoginRequiredMiddleware):
    """Django's own, but a view that needs no sign-in is not asked for one first.

    Django looks at the session before it looks at the view; so health would not answer a browser with a session when
    the database is gone.
    """

    def process_view(
        self,
        request: HttpRequest,
        view_func: Callable[..., Any],
        view_args: tuple[Any, ...],
        view_kwargs: dict[str, Any],
    ) -> HttpResponseBase | None:
        """Redirect to the sign-in, or None to let the view answer."""
        if not getattr(view_func, "login_required", True):
            return None
        return super().process_view(request, view_func, view_args, view_kwargs)

    def handle_no_permission(self, request: HttpRequest, view_func: Callable[..., Any]) -> HttpResponseRedirect:
        """Redirect to the sign-in, which says why a session ended, if one did."""
        response = super().handle_no_permission(request, view_func)
        if ended := session_of(request).ended:
            response["Location"] += "&" + urlencode({"ended": ended.value})
        return response
