"""allauth provider for single sign-on by OpenID Connect; allauth requires this module name."""

from typing import Any
from urllib.parse import urlencode

from allauth.socialaccount.providers.oauth2.provider import OAuth2Provider
from allauth.socialaccount.providers.oauth2.utils import generate_code_challenge
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from portal.core.public_url import public_url
from portal.identity import oidc_client
from portal.identity.id_tokens import Identity, nonce_of
from portal.identity.sign_on_links import uid_of


class SignOnProvider(OAuth2Provider):  # type: ignore[misc]  # allauth has no types
    """OpenID Connect with the provider of OIDC_ISSUER."""

    id = "sign_on"
    name = "Single sign-on"

    def get_callback_url(self) -> str:
        """Return the path of the OIDC callback."""
        return reverse("sign_on_callback")

    def redirect(self, request: HttpRequest, process: str, next_url: str | None = None, **_: Any) -> HttpResponse:
        """Redirect the browser to the identity provider, with state, nonce and PKCE. Ignores the query string.

        It uses a page with a Refresh header instead of a 302: the content security policy restricts forms to the
        portal, and that includes redirects of their responses. Raises ServiceUnusable.
        """
        service = oidc_client.configuration()
        proof = generate_code_challenge()
        verifier = proof.pop("code_verifier")
        asked = {
            "client_id": settings.OIDC_CLIENT_ID,
            "redirect_uri": public_url(self.get_callback_url()),
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
        """Return the key of the account: issuer and subject."""
        return uid_of(data)

    def extract_extra_data(self, data: Identity) -> dict[str, Any]:
        """Return the data that is stored with it."""
        return {"issuer": data.issuer, "subject": data.subject, "label": data.label}


provider_classes = [SignOnProvider]
