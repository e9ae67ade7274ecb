"""The pages behind an invitation's link: for somebody new, and for somebody who signs in here already.

The link's token is in one address only, which leads on at once: no page, log line or Referer holds it. What the session
remembers is which invitation it was.
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
from portal.frame.forms import tell_at_fields
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
from portal.vault.masking import remember

_REMEMBERED = "invitation"


@login_not_required
@require_GET
@sensitive_variables("token")
def invitation_open(request: HttpRequest, token: str) -> HttpResponse:
    """Lead from the link to the page without the token; what opens nothing leads to the same page."""
    try:
        invitation = find_by_token(token)
    except InvitationClosed:
        request.session.pop(_REMEMBERED, None)
    else:
        remember({"invitation": token})
        request.session[_REMEMBERED] = str(invitation.pk)
    answer = redirect("invitation")
    # Here only: a form on a page of this policy would send no Origin, and be refused.
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


@login_not_required
@sensitive_post_parameters("password", "again")
@require_http_methods(["GET", "POST"])
def invitation(request: HttpRequest) -> HttpResponse:
    """Who invites to what, and how to accept it."""
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
    """Accept with one click; whoever signed in with another address is told so."""
    actor = actor_of(request)
    if actor.label != found.email or request.method == "GET":
        return _page(request, found, fits=actor.label == found.email)
    accept_as(actor, found.pk, keep_session=request.session.session_key)
    request.session.pop(_REMEMBERED, None)
    request.session.cycle_key()  # they may do more than a moment ago
    messages.success(request, f"You have accepted: {found}.")
    return redirect("home")


def _for_somebody_new(request: HttpRequest, found: Invitation) -> HttpResponse:
    """Take name and password, then lead to the sign-in: a link alone signs nobody in."""
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
    """Return which invitation the link was of; raises InvitationClosed."""
    try:
        return UUID(request.session.get(_REMEMBERED, ""))
    except ValueError:
        raise InvitationClosed from None
