"""Views of one's own account, and of single sign-on (start and callback)."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from allauth.account.decorators import reauthentication_required
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.views import GenerateRecoveryCodesView
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.providers.base.constants import AuthProcess
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST, require_safe

from portal.accounts.models import User
from portal.accounts.requests import user_of
from portal.audit.recording import batch_events
from portal.identity import history, oidc_client, sign_on_links
from portal.identity.enrolment import is_demanded_of
from portal.identity.single_sign_on import SignOnAdapter
from portal.vault.encryption import DecryptionError

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


def said(view: View) -> View:
    """Decorator: if a seed cannot be decrypted, one of allauth's pages explains it."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except DecryptionError:
            return render(request, "mfa/does_not_open.html", status=409)

    return cast("View", wrapped)


def whole(view: View) -> View:
    """Decorator: one of allauth's pages commits its changes and their events together, or not at all."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        with transaction.atomic(), batch_events():  # no retry after a deadlock: the view also changes the session
            _hold_person(request)
            return view(request, *args, **kwargs)

    return said(cast("View", wrapped))


def _hold_person(request: HttpRequest) -> None:
    """Let two pages of one person change their factors one after the other, each with what the other left."""
    if request.user.is_authenticated:
        User.objects.select_for_update(no_key=True).filter(pk=request.user.pk).first()


class MakeRecoveryCodesView(GenerateRecoveryCodesView):  # type: ignore[misc]  # allauth has no types
    """Creates new codes even if the old ones cannot be decrypted."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Return the page's context without the number of remaining codes, which allauth would add."""
        context: dict[str, Any] = super(GenerateRecoveryCodesView, self).get_context_data(**kwargs)
        return context


make_recovery_codes = MakeRecoveryCodesView.as_view()


@require_safe
def your_account(request: HttpRequest) -> HttpResponse:
    """Show how the person signs in."""
    user = user_of(request)
    factors = list(Authenticator.objects.filter(user=user).order_by("pk"))
    kinds = {factor.type for factor in factors}
    return render(
        request,
        "account/your_account.html",
        {
            "has_app": Authenticator.Type.TOTP in kinds,
            "has_codes": Authenticator.Type.RECOVERY_CODES in kinds,
            "passkeys": [factor for factor in factors if factor.type == Authenticator.Type.WEBAUTHN],
            "demanded": is_demanded_of(user),
            "links": sign_on_links.links_of(user),
            "sign_on_name": settings.OIDC_NAME if settings.OIDC_ISSUER else "",
        },
    )


def _demand_service() -> None:
    if not settings.OIDC_ISSUER:
        raise Http404("There is no single sign-on here.")


def _leave(request: HttpRequest, process: str) -> HttpResponse:
    """Redirect the person to the identity provider, or show that it does not respond."""
    try:
        page: HttpResponse = get_adapter().get_provider(request, sign_on_links.PROVIDER).redirect(request, process)
    except oidc_client.ServiceUnusable as error:
        history.sign_on_refused(str(error))
        return render(request, "socialaccount/authentication_error.html", {"name": settings.OIDC_NAME}, status=502)
    return page


@login_not_required
@require_POST
def start_sign_on(request: HttpRequest) -> HttpResponse:
    """Start single sign-on, to sign in."""
    _demand_service()
    return _leave(request, AuthProcess.LOGIN)


@reauthentication_required(app="allauth.socialaccount")  # type: ignore[untyped-decorator]  # allauth has no types
def connect_sign_on(request: HttpRequest) -> HttpResponse:
    """Start single sign-on, to connect an account."""
    _demand_service()
    return _leave(request, AuthProcess.CONNECT) if request.method == "POST" else redirect("single_sign_on")


@login_not_required
@require_GET
def come_back(request: HttpRequest) -> HttpResponseBase:
    """Handle the callback with allauth's own view, which looks up the stored state."""
    _demand_service()
    view: HttpResponseBase = OAuth2CallbackView.adapter_view(SignOnAdapter)(request)
    return view


@require_safe
def single_sign_on(request: HttpRequest) -> HttpResponse:
    """Show the connected accounts."""
    _demand_service()
    links = sign_on_links.links_of(user_of(request))
    return render(request, "socialaccount/connections.html", {"links": links, "name": settings.OIDC_NAME})


@reauthentication_required(app="allauth.socialaccount")  # type: ignore[untyped-decorator]  # as above
def disconnect_sign_on(request: HttpRequest) -> HttpResponse:
    """Disconnect all accounts."""
    if request.method == "POST":
        sign_on_links.disconnect(user_of(request))
        messages.success(request, "The single sign-on is disconnected.")
    return redirect("single_sign_on" if settings.OIDC_ISSUER else "your_account")
