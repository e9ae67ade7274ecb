"""Step-up: what matters most asks for the password or second factor again, unless it was given a moment ago.

    @step_up_required
    def change_role(request, …):            # asks before the form is shown, so that nothing typed is lost

    if proof := ask_for_proof(request):     # the same, where only the view knows whether it is needed
        return proof

allauth's page takes the proof (portal/people/urls.py). What a form sent meanwhile is dropped, never kept for later: it
may hold a secret, and a session must not.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Concatenate, ParamSpec
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from portal.accounts.sessions import session_of

P = ParamSpec("P")

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
NOT_TAKEN = (
    "It was a while ago that you proved who you are, so what you sent was not taken and nothing was changed. "
    "Prove it again, and you come back to send it once more."
)


def recently_proven(request: HttpRequest) -> bool:
    """Say whether the person gave their password or second factor within STEP_UP_SECONDS; a sign-in counts."""
    row = session_of(request).row
    if row is None or row.user_id is None:
        return False
    return timezone.now() - row.proven_at < timedelta(seconds=settings.STEP_UP_SECONDS)


def ask_for_proof(request: HttpRequest, *, back: str = "") -> HttpResponse | None:
    """Return the way to the page that asks, or None if the person has proven themselves.

    `back` is the page to return to, for a URL that only takes a form; else it is the request's own.
    """
    if recently_proven(request):
        return None
    if request.method not in _SAFE:
        messages.warning(request, NOT_TAKEN)
    page = f"{reverse('account_reauthenticate')}?{urlencode({'next': back or request.get_full_path()})}"
    if "HX-Request" in request.headers:  # htmx would put the page into the middle of this one
        return HttpResponse(status=204, headers={"HX-Redirect": page})
    return HttpResponseRedirect(page)


def step_up_required(
    view: Callable[Concatenate[HttpRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Let a view answer only those who have proven themselves; it must answer GET, to which they come back."""

    @wraps(view)
    def asking(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        return ask_for_proof(request) or view(request, *args, **kwargs)

    return asking
