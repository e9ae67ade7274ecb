"""Views of an invitation's link, for new people and for people who already have an account.

The link's token appears in one URL only, which redirects at once, so no page, log record or Referer contains it. The
session remembers only the invitation's id.
"""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_GET, require_http_methods

from portal.accounts.requests import actor_of
from portal.core.logging.redaction import remember_secret
from portal.people.actions import (
    CLOSED,
    InvitationClosed,
    accept_as,
    accept_as_newcomer,
    find_by_token,
    find_open,
    has_account,
)
from portal.people.forms import JoinForm
from portal.people.models import Invitation
from portal.ui.forms import tell_at_fields

_REMEMBERED = "invitation"


@login_not_required
@require_GET
@sensitive_variables("token")
def invitation_open(request: HttpRequest, token: str) -> HttpResponse:
    """Redirect from the link to the page without the token; an unusable link redirects to the same page."""
    try:
        invitation = find_by_token(token)
    except InvitationClosed:
        request.session.pop(_REMEMBERED, None)
    else:
        remember_secret({"invitation": token})
        request.session[_REMEMBERED] = str(invitation.pk)
    answer = redirect("invitation")
    # Only here: a form on a page with this policy would send no Origin and be refused.
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


@login_not_required
@sensitive_post_parameters("password", "again")
@require_http_methods(["GET", "POST"])
def invitation(request: HttpRequest) -> HttpResponse:
    """Show who invites the person to which role, and accept the invitation."""
    try:
        found = find_open(_remembered(request))
        if request.user.is_authenticated:
            return _for_somebody_here(request, found)
        if has_account(found):
            return _page(request, found)
        return _for_somebody_new(request, found)
    except InvitationClosed:
        return render(request, "people/closed.html", {"sentence": CLOSED}, status=404)


def _for_somebody_here(request: HttpRequest, found: Invitation) -> HttpResponse:
    """Accept with one click; a person who is signed in with another address is told so."""
    actor = actor_of(request)
    if actor.label != found.email or request.method == "GET":
        return _page(request, found, fits=actor.label == found.email)
    accept_as(actor, found.pk, keep_session=request.session.session_key)
    request.session.pop(_REMEMBERED, None)
    request.session.cycle_key()  # they have more rights than a moment ago
    messages.success(request, f"You have accepted: {found}.")
    return redirect("home")


def _for_somebody_new(request: HttpRequest, found: Invitation) -> HttpResponse:
    """Ask for name and password, then redirect to sign-in: a link alone signs nobody in."""
    form = JoinForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        name, password = form.cleaned_data["name"], form.cleaned_data["password"]
        try:
            accept_as_newcomer(found.pk, name=name, password=password)
        except ValidationError as error:
            tell_at_fields(form, error, "password")
        else:
            request.session.pop(_REMEMBERED, None)
            messages.success(request, "Your account is ready. Sign in with your address and the new password.")
            return redirect("account_login")
    return _page(request, found, form=form)


def _page(request: HttpRequest, found: Invitation, **parts: Any) -> HttpResponse:
    return render(request, "people/invitation.html", {"invitation": found, **parts})


def _remembered(request: HttpRequest) -> UUID:
    """Return the invitation's id from the session; raises InvitationClosed."""
    try:
        return UUID(request.session.get(_REMEMBERED, ""))
    except ValueError:
        raise InvitationClosed from None
