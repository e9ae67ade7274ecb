"""Middleware: sign-in is required for every page by default, and activity keeps a session alive."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect

from portal.accounts.sessions import session_of

#: Longer user agents are cut: the browser's name is at the start or the end.
USER_AGENT_LENGTH = 300


class SessionActivityMiddleware:
    """Passes the address and browser to the session, and stores the owner's activity at most once a minute.

    Automatic refreshes of a part of a page do not count: otherwise an open run page would keep a session alive forever.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Process the request, and note activity unless the page refreshed itself."""
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
    """Django's LoginRequiredMiddleware, but it does not load the session for views that need no sign-in.

    Django loads the session before it checks the view. Then the health check would fail for a browser with a session
    cookie while the database is down.
    """

    def process_view(
        self,
        request: HttpRequest,
        view_func: Callable[..., Any],
        view_args: tuple[Any, ...],
        view_kwargs: dict[str, Any],
    ) -> HttpResponseBase | None:
        """Redirect to the sign-in page, or return None to call the view."""
        if not getattr(view_func, "login_required", True):
            return None
        return super().process_view(request, view_func, view_args, view_kwargs)

    def handle_no_permission(self, request: HttpRequest, view_func: Callable[..., Any]) -> HttpResponseRedirect:
        """Redirect to the sign-in page, with the reason if a session ended."""
        response = super().handle_no_permission(request, view_func)
        if ended := session_of(request).ended:
            response["Location"] += "&" + urlencode({"ended": ended.value})
        return response
