"""The one way of single sign-on that allauth knows here; it looks for it in a module of this name."""

from typing import Any
from urllib.parse import urlencode

from allauth.socialaccount.providers.oauth2.provider import OAuth2Provider
from allauth.socialaccount.providers.oauth2.utils import generate_code_challenge
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from portal.people.sign_in import issuer
from portal.people.sign_in.id_tokens import Identity, nonce_of
from portal.people.sign_in.sign_on_links import uid_of


class SignOnProvider(OAuth2Provider):  # type: ignore[misc]  # allauth has no types
    """OpenID Connect with the service of OIDC_ISSUER."""

    id = "sign_on"
    name = "Single sign-on"

    def get_callback_url(self) -> str:
        """Return the path to which the service sends people back."""
        return reverse("sign_on_callback")

    def redirect(self, request: HttpRequest, process: str, next_url: str | None = None, **_: Any) -> HttpResponse:
        """Send the browser to the service, with state, nonce and PKCE. Nothing is taken over from the query.

        A page does it and no redirect: the content security policy lets forms lead to the portal only, and what a
        form's answer redirects to counts as well. Raises ServiceUnusable.
        """
        service = issuer.configuration()
        proof = generate_code_challenge()
        verifier = proof.pop("code_verifier")
        asked = {
            "client_id": settings.OIDC_CLIENT_ID,
            "redirect_uri": request.build_absolute_uri(self.get_callback_url()),
            "response_type": "code",
            "scope": "openid email",
            "state": self.stash_redirect_state(request, process, next_url, pkce_code_verifier=verifier),
            "nonce": nonce_of(verifier),
            **proof,
        }
        joined = "&" if "?" in service.authorization_endpoint else "?"
        url = f"{service.authorization_endpoint}{joined}{urlencode(asked)}"
        page = render(request, "socialaccount/leaving.html", {"url": url, "name": settings.OIDC_NAME})
        page.headers["Refresh"] = f"0; url={url}"
        return page

    def extract_uid(self, data: Identity) -> str:
        """Return what the account is found by: issuer and subject."""
        return uid_of(data)

    def extract_extra_data(self, data: Identity) -> dict[str, Any]:
        """Return what is kept beside it."""
        return {"issuer": data.issuer, "subject": data.subject, "label": data.label}


provider_classes = [SignOnProvider]
