"""Second factor enrolment: with MFA_REQUIRED, people without a second factor must set one up first."""

from collections.abc import Callable
from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from portal.accounts.models import Membership, User
from portal.accounts.rights import Role

#: Recovery codes alone are no second factor: they replace a lost one.
FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
ENROLMENT = "mfa_index"
#: Pages that stay available during enrolment: setting up a factor and reauthentication.
_OPEN = {
    ENROLMENT,
    "mfa_activate_totp",
    "mfa_add_webauthn",
    "account_reauthenticate",
    "mfa_reauthenticate",
    "mfa_reauthenticate_webauthn",
}


def has_second_factor(user: User) -> bool:
    """Return whether the person has an authenticator app or a passkey."""
    return bool(get_adapter().is_mfa_enabled(user, FACTORS))


def is_demanded_of(user: User) -> bool:
    """Return whether MFA_REQUIRED applies to this person."""
    if settings.MFA_REQUIRED == "nobody":
        return False
    if settings.MFA_REQUIRED == "everyone" or user.is_site_administrator:
        return True
    roles = (Role.ADMINISTRATOR, Role.REPRESENTATIVE)
    return Membership.objects.filter(user=user, role__in=roles).exists()


def must_enrol(user: User) -> bool:
    """Return whether the person must set up a second factor; takes one query if they have one."""
    return settings.MFA_REQUIRED != "nobody" and not has_second_factor(user) and is_demanded_of(user)


class SecondFactorRequiredMiddleware:
    """Redirects people who must enrol to the enrolment page. Must come after the sign-in middleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass the request on; the work is in `process_view`."""
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        """Return a redirect, or None to call the view; views without sign-in (health checks, sign-out) are exempt."""
        del args, kwargs
        name = request.resolver_match.url_name if request.resolver_match else ""
        if name in _OPEN or not getattr(view, "login_required", True) or not isinstance(request.user, User):
            return None
        if not must_enrol(request.user):
            return None
        if request.headers.get("HX-Request"):  # htmx would insert the page into the current one
            return HttpResponse(status=204, headers={"HX-Redirect": reverse(ENROLMENT)})
        return redirect(ENROLMENT)
