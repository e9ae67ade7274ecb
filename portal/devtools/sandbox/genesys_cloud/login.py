"""Token endpoint of Genesys Cloud: `POST /oauth/token` with client id and secret.

Errors have OAuth's format [inferred], or are HTML if the settings say so.
"""

from typing import Final

from portal.devtools.sandbox import oauth
from portal.devtools.sandbox.genesys_cloud.clients import Grant
from portal.devtools.sandbox.genesys_cloud.errors import html, too_many
from portal.devtools.sandbox.genesys_cloud.state import State
from portal.devtools.sandbox.http1 import Answer, Request

PATH: Final = "/oauth/token"


def token(state: State, request: Request) -> Answer:
    """Return a new token, or an error."""
    if request.method != "POST":
        return oauth.error(405, "invalid_request", "only POST is known here", (("Allow", "POST"),))
    return oauth.form_fault(request, "client_credentials") or _for_client(state, *oauth.basic(request))


def _for_client(state: State, client_id: str, secret: str) -> Answer:
    settings = state.settings
    wait = state.windows.wait(("token", client_id), settings.token_rate_limit, settings.rate_window_seconds)
    if wait is not None:
        return too_many(settings.token_rate_limit or 0, settings.rate_window_seconds, wait)
    client = state.clients.get(client_id)
    if client is None or not oauth.same(secret, client.secret):
        return _invalid_client(state, "authentication failed" if client else "client not found: invalid_client")
    return state.tokens.issue(Grant(client_id, frozenset(client.permissions)), settings.expires_in)


def _invalid_client(state: State, description: str) -> Answer:
    status = state.settings.invalid_client_status
    if state.settings.invalid_client == "html":
        return html(status, "Unauthorized")
    headers = (("WWW-Authenticate", 'Basic realm="login"'),) if status == 401 else ()  # noqa: PLR2004 - RFC 6749 requires it with a 401
    return oauth.error(status, "invalid_client", description, headers)
