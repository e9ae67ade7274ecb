"""Step-up: what matters most asks for the password or second factor again, unless it was given a moment ago.

    @step_up_required
    def change_role(request, …):            # asks before the form is shown, so that nothing typed is lost

    if proof := ask_for_proof(request):     # the same, where only the view knows whether it is needed
        return proof

allauth's page takes the proof (portal/people/urls.py). What a form sent meanwhile is dropped, since it may hold a
secret, and a session must not. A view that knows which of its fields are none hands these over as `typed`, and fills
them in again with `typed_before`.
"""

from collections.abc import Callable, Mapping
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
_TYPED = "typed"

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
NOT_TAKEN = (
    "It was a while ago that you proved who you are, so what you sent was not taken and nothing was changed. "
    "Prove it again, and you come back to send it once more."
)
KEPT = (
    "It was a while ago that you proved who you are, so nothing was changed yet. Prove it again, and you come back to "
    "what you typed. Secrets are not kept meanwhile: enter those once more."
)


def recently_proven(request: HttpRequest) -> bool:
    """Say whether the person gave their password or second factor within STEP_UP_SECONDS; a sign-in counts."""
    row = session_of(request).row
    if row is None or row.user_id is None:
        return False
    return timezone.now() - row.proven_at < timedelta(seconds=settings.STEP_UP_SECONDS)


def ask_for_proof(
    request: HttpRequest, *, back: str = "", typed: Mapping[str, str] | None = None
) -> HttpResponse | None:
    """Return the way to the page that asks, or None if the person has proven themselves.

    `back` is the page to return to, for a URL that only takes a form; else it is the request's own. `typed` is what
    that page fills in again: nothing secret may be among it.
    """
    if recently_proven(request):
        return None
    back = back or request.get_full_path()
    if request.method not in _SAFE:
        messages.warning(request, NOT_TAKEN if typed is None else KEPT)
        if typed is not None:
            request.session[_TYPED] = {"at": back, "values": dict(typed)}
    page = f"{reverse('account_reauthenticate')}?{urlencode({'next': back})}"
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


def typed_before(request: HttpRequest) -> dict[str, str]:
    """Return what was typed on this page before the proof was asked for, once; empty if nothing was."""
    kept = request.session.get(_TYPED)
    if not kept or request.method not in _SAFE or kept["at"] != request.get_full_path():
        return {}
    del request.session[_TYPED]
    return dict(kept["values"])
