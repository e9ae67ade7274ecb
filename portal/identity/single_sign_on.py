"""allauth adapters for single sign-on: with our HTTP client, our validation of the token, and our rules.

No account is found by e-mail address, and none is created: people connect their single sign-on after signing in in
another way.
"""

import logging
from typing import Any, NoReturn

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp, SocialLogin, SocialToken
from allauth.socialaccount.providers.base.constants import AuthError, AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2Adapter
from django.conf import settings
from django.contrib import messages
from django.core.cache import cache
from django.http import HttpRequest
from django.shortcuts import redirect, render

from portal.accounts.models import User
from portal.core.public_url import public_url
from portal.identity import history, oidc_client, sign_on_links
from portal.identity.id_tokens import Identity, TokenRefused, nonce_of, read

_log = logging.getLogger(__name__)
#: Longer than a session keeps a sign-on that has begun.
_KEPT_SECONDS = 3600
_UNKNOWN = "Nobody has connected this account of the single sign-on."


class SignOnAdapter(OAuth2Adapter):  # type: ignore[misc]  # allauth has no types
    """Handles the OIDC callback: exchanges the code and validates the identity."""

    provider_id = sign_on_links.PROVIDER
    verifier = ""
    service: oidc_client.Configuration

    def get_client(self, request: HttpRequest, app: SocialApp) -> None:
        """Return no client of allauth, because it would send requests itself."""

    def get_access_token_data(
        self, request: HttpRequest, app: SocialApp, client: None, pkce_code_verifier: str | None = None
    ) -> dict[str, Any]:
        """Exchange the code for the tokens. Raises OAuth2Error."""
        del app, client
        self.verifier = pkce_code_verifier or ""
        self._use_up()
        return_url = public_url(self.get_provider().get_callback_url())
        try:
            self.service = oidc_client.configuration()
            return oidc_client.tokens_for(self.service, request.GET["code"], self.verifier, return_url)
        except oidc_client.ServiceUnusable as error:
            raise OAuth2Error(str(error)) from None

    def _use_up(self) -> None:
        """Let each sign-on come back once: of two requests at the same moment both still find it in the session."""
        if not cache.add(f"sign-on-used:{nonce_of(self.verifier)}", "used", _KEPT_SECONDS):
            raise OAuth2Error("This sign-on has come back already.")

    def parse_token(self, data: dict[str, Any]) -> SocialToken:
        """Store no token: no further requests are made on behalf of the person."""
        del data
        return SocialToken(token="")

    def complete_login(self, request: HttpRequest, app: SocialApp, token: SocialToken, **kwargs: Any) -> SocialLogin:
        """Return the login for the validated ID token. Raises OAuth2Error."""
        del app, token
        try:
            identity = read(
                kwargs["response"].get("id_token"),
                oidc_client.keys(self.service),
                issuer=settings.OIDC_ISSUER,
                client_id=settings.OIDC_CLIENT_ID,
                nonce=nonce_of(self.verifier),
            )
        except (oidc_client.ServiceUnusable, TokenRefused) as error:
            raise OAuth2Error(str(error)) from None
        return self.get_provider().sociallogin_from_response(request, identity)


class SignOnAccountAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Decides who may sign in."""

    def list_apps(
        self, request: HttpRequest, provider: str | None = None, client_id: str | None = None
    ) -> list[SocialApp]:
        """Return the provider from the settings, or none; allauth's table of providers is not used."""
        del request
        ours = SocialApp(
            provider=sign_on_links.PROVIDER,
            provider_id=sign_on_links.PROVIDER,
            name=settings.OIDC_NAME,
            client_id=settings.OIDC_CLIENT_ID,
        )
        asked = provider in {None, ours.provider} and client_id in {None, ours.client_id}
        return [ours] if settings.OIDC_ISSUER and asked else []

    def get_requests_session(self) -> NoReturn:
        """Refuse allauth a session for its own requests; `issuer.py` sends them."""
        raise RuntimeError("Nothing goes out except through portal.http_client.")

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Connect the account if the person asked for that, and refuse an account that is not connected."""
        if sociallogin.state.get("process") == AuthProcess.CONNECT:
            self._connect(request, sociallogin)
        if not sociallogin.is_existing:
            history.sign_on_refused(_UNKNOWN)
            raise ImmediateHttpResponse(
                render(request, "socialaccount/unknown.html", {"name": settings.OIDC_NAME}, status=403)
            )

    def _connect(self, request: HttpRequest, sociallogin: SocialLogin) -> NoReturn:
        if not isinstance(request.user, User):  # signed out meanwhile
            raise ImmediateHttpResponse(redirect("account_login"))
        kept = sociallogin.account.extra_data
        try:
            sign_on_links.connect(request.user, Identity(kept["issuer"], kept["subject"], kept["label"]))
            messages.success(request, f"You can sign in by {settings.OIDC_NAME} from now on.")
        except sign_on_links.ConnectedToAnother:
            history.sign_on_refused("It is connected to another account already.")
            messages.error(request, "Somebody else signs in with that account. Nothing was connected.")
        raise ImmediateHttpResponse(redirect("single_sign_on"))

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: Any,
        error: str | None = None,
        exception: Exception | None = None,
        extra_context: dict[str, Any] | None = None,
    ) -> None:
        """Record why it was refused; not for requests without a state, which anybody can send in any number."""
        del provider
        if error == AuthError.CANCELLED:
            messages.info(request, "The single sign-on was cancelled. You are not signed in by it.")
            raise ImmediateHttpResponse(redirect("account_login"))
        if extra_context and extra_context.get("state"):
            reason = str(exception or f"The service says: {error}.")
            _log.warning("A single sign-on was refused: %s", reason)
            history.sign_on_refused(reason)
