"""OpenID Connect client: configuration and keys of the identity provider, and the exchange of a code for tokens.

All requests use `portal.http_client`, without a Call row: they belong to no tenant, and the token response is secret.
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from django.conf import settings

from portal.core.logging.redaction import remember_secret
from portal.http_client.destinations import Destination
from portal.http_client.errors import OutboundError
from portal.http_client.messages import Basic, HeaderValue, Request, Secret
from portal.http_client.response_json import read_json
from portal.http_client.send import send
from portal.http_client.url_check import check_url

_WELL_KNOWN = "/.well-known/openid-configuration"


class ServiceUnusable(Exception):
    """The identity provider did not respond as expected; the message is for the log and the history."""


@dataclass(frozen=True)
class Configuration:
    """The provider's configuration."""

    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    by_post: bool


def _json(request: Request, secrets: dict[str, str] | None = None) -> dict[str, Any]:
    try:
        answer = read_json(send(request, secrets or {}))
    except OutboundError as error:
        raise ServiceUnusable(f"{request.purpose}: {error.cause}") from None
    if not isinstance(answer, dict):
        raise ServiceUnusable(f"{request.purpose}: the answer is no object.")
    return answer


def _get(purpose: str, url: str) -> dict[str, Any]:
    return _json(Request(Destination.SIGN_ON, purpose, "GET", url))


def configuration() -> Configuration:
    """Read the provider's configuration. Raises ServiceUnusable, also if it is for another issuer."""
    found = _get("read the configuration", settings.OIDC_ISSUER.rstrip("/") + _WELL_KNOWN)
    if found.get("issuer") != settings.OIDC_ISSUER:
        raise ServiceUnusable("The configuration is of another issuer; OIDC_ISSUER must be written as it is there.")
    methods = found.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    return Configuration(
        _usable(found, "authorization_endpoint"),
        _usable(found, "token_endpoint"),
        _usable(found, "jwks_uri"),
        "client_secret_post" in methods,
    )


def _usable(found: dict[str, Any], name: str) -> str:
    """Return a URL after checking it; the browser is redirected to one of them, so all have to pass the same check."""
    url = str(found.get(name) or "")
    try:
        check_url(Destination.SIGN_ON, url)
    except OutboundError as error:
        raise ServiceUnusable(f"{name}: {error.sentence}") from None
    return url


def keys(service: Configuration) -> dict[str, Any]:
    """Return the provider's JWK set. Raises ServiceUnusable."""
    return _get("read the keys", service.jwks_uri)


def tokens_for(service: Configuration, code: str, verifier: str, return_url: str) -> dict[str, Any]:
    """Exchange a code for the tokens; a code works once. Raises ServiceUnusable."""
    secrets = {"code": code, "code_verifier": verifier, "client_secret": settings.OIDC_CLIENT_SECRET}
    remember_secret(secrets)
    form: dict[str, str | Secret] = {
        "grant_type": "authorization_code",
        "redirect_uri": return_url,
        "code": Secret("code"),
        "code_verifier": Secret("code_verifier"),
    }
    headers: dict[str, HeaderValue] = {}
    if service.by_post:
        form |= {"client_id": settings.OIDC_CLIENT_ID, "client_secret": Secret("client_secret")}
    else:  # RFC 6749, section 2.3.1: both are form-encoded first
        headers["Authorization"] = Basic(quote(settings.OIDC_CLIENT_ID, safe=""), Secret("client_secret"))
        secrets["client_secret"] = quote(secrets["client_secret"], safe="")
    request = Request(Destination.SIGN_ON, "exchange the code", "POST", service.token_endpoint, headers, form=form)
    found = _json(request, secrets)
    remember_secret(
        {name: value for name, value in found.items() if name.endswith("_token") and isinstance(value, str)}
    )
    return found
