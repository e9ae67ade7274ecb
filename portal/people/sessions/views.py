"""Views of one's own sessions."""

from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from portal.accounts.models import Session
from portal.accounts.requests import actor_of, user_of
from portal.accounts.sessions import session_of, sessions_of
from portal.people.sessions.actions import end_other_sessions, end_own_session
from portal.ui.paging import keyset_page


@dataclass(frozen=True)
class Line:
    """A session as the page shows it; `current` is the session of this request."""

    session: Session
    browser: str
    current: bool


@require_GET
def session_list(request: HttpRequest) -> HttpResponse:
    """One's active sessions: the current one, then the others, most recently used first."""
    key = session_of(request).session_key
    held = sessions_of(user_of(request).pk)
    page = keyset_page(held.exclude(session_key=key), request, key=("last_seen_at", "session_key"))
    rows = [*held.filter(session_key=key), *page.items]
    lines = [Line(session, browser_words(session.user_agent), session.pk == key) for session in rows]
    return render(request, "people/sessions.html", {"lines": lines, "page": page})


@require_POST
def session_end(request: HttpRequest, handle: UUID) -> HttpResponse:
    """End one session; it may be the current one."""
    if not end_own_session(actor_of(request), handle):
        raise Http404
    row = session_of(request).row
    if row is not None and row.handle == handle:
        session_of(request).flush()
        return redirect("account_login")
    messages.success(request, "The session was ended. Whoever used it has to sign in again.")
    return redirect("session_list")


@require_POST
def session_end_others(request: HttpRequest) -> HttpResponse:
    """End all sessions except the current one."""
    ended = end_other_sessions(actor_of(request), session_of(request).session_key)
    messages.success(request, f"Other sessions ended: {ended}. Only this one is left.")
    return redirect("session_list")


# The first match counts: Edge and Opera also contain "Chrome", and Chrome contains "Safari".
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("curl/", "curl"),
)

_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "an iPhone"),
    ("iPad", "an iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "a Mac"),
    ("CrOS", "a Chromebook"),
    ("Linux", "Linux"),
)


def browser_words(user_agent: str) -> str:
    """`Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0` -> `Firefox on Linux`."""
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), "An unknown browser")
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "")
    return f"{browser} on {system}" if system else browser
