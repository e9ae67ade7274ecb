"""Step-up authentication: sensitive actions need a recent password or second factor.

    @step_up_required
    def change_role(request, …):            # runs before the form is shown, so nothing typed is lost

    if proof := ask_for_proof(request):     # the same, for a view that decides itself whether it is needed
        return proof

allauth's page takes the password or second factor (portal/people/urls.py). Data of a form sent meanwhile is dropped,
since it may contain a secret, which must not be stored in a session. A view that knows which of its fields are not
secret passes these as `typed`, and restores them with `typed_before`.
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
    """Return whether the person gave a password or second factor within STEP_UP_SECONDS; a sign-in counts."""
    row = session_of(request).row
    if row is None or row.user_id is None:
        return False
    return timezone.now() - row.proven_at < timedelta(seconds=settings.STEP_UP_SECONDS)


def ask_for_proof(
    request: HttpRequest, *, back: str = "", typed: Mapping[str, str] | None = None
) -> HttpResponse | None:
    """Return a redirect to the reauthentication page, or None if the person has authenticated recently.

    `back` is the page to return to, for a URL that only accepts POST; by default it is the request's own. `typed` holds
    the values that the page restores; they must not be secret.
    """
    if recently_proven(request):
        return None
    back = back or request.get_full_path()
    if request.method not in _SAFE:
        messages.warning(request, NOT_TAKEN if typed is None else KEPT)
        if typed is not None:
            request.session[_TYPED] = {"at": back, "values": dict(typed)}
    page = f"{reverse('account_reauthenticate')}?{urlencode({'next': back})}"
    if "HX-Request" in request.headers:  # htmx would insert the page into the current one
        return HttpResponse(status=204, headers={"HX-Redirect": page})
    return HttpResponseRedirect(page)


def step_up_required(
    view: Callable[Concatenate[HttpRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Require recent authentication for a view; the view must accept GET, with which the person returns."""

    @wraps(view)
    def asking(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        return ask_for_proof(request) or view(request, *args, **kwargs)

    return asking


def typed_before(request: HttpRequest) -> dict[str, str]:
    """Return the values typed on this page before reauthentication, once; empty if there are none."""
    kept = request.session.get(_TYPED)
    if not kept or request.method not in _SAFE or kept["at"] != request.get_full_path():
        return {}
    del request.session[_TYPED]
    return dict(kept["values"])
