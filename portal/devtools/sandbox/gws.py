"""GWS (Genesys Web Services): the endpoint that issues tokens for the Nexus API keys.

`POST /auth/v3/oauth/token` with HTTP Basic of an API client and a form with grant_type=password,
client_id=external_api_client, and an administrator's username and password. The errors are [inferred] from the OAuth
standard and from messages seen in one installation.
"""

from dataclasses import dataclass
from typing import Final

from portal.devtools.sandbox import oauth
from portal.devtools.sandbox.http1 import Answer, Request, json_answer
from portal.devtools.sandbox.settings import setting, whole
from portal.devtools.sandbox.systems import Outcome

PREFIX: Final = "/auth/"
_PATH: Final = "/auth/v3/oauth/token"
_CLIENT_ID: Final = "external_api_client"

# The initial client and administrator. Invented and public.
API_CLIENT: Final = ("external_api_client", "sandbox-gws-client-secret")
ADMINISTRATOR: Final = ("gws-administrator", "sandbox-gws-password")


@dataclass(frozen=True)
class GwsSettings:
    """Lifetime of a token in seconds."""

    expires_in: int = setting(43_200, whole())


class Gws:
    """API clients, administrators and their tokens."""

    def __init__(self) -> None:
        self.tokens: oauth.Tokens[str] = oauth.Tokens()
        self.forget()

    def forget(self) -> None:
        """Reset to the initial client, administrator and settings, without tokens."""
        self.settings = GwsSettings()
        self.clients = dict([API_CLIENT])
        self.administrators = dict([ADMINISTRATOR])
        self.tokens.forget()

    def refusal(self, request: Request, status: int, message: str) -> Answer:  # noqa: ARG002 - part of the System protocol
        """Refuse in OAuth's format."""
        return oauth.error(status, "invalid_request" if status < 500 else "server_error", message)  # noqa: PLR2004 - 4xx or 5xx

    def fake_success(self, request: Request) -> Answer:  # noqa: ARG002 - part of the System protocol
        """Answer with an invalid token."""
        return json_answer(200, {"access_token": "never-issued", "token_type": "bearer", "expires_in": 3600})

    def handle(self, request: Request) -> Outcome:
        """Answer one request under `/auth/`."""
        if request.path != _PATH:
            return Outcome(self.refusal(request, 404, "There is nothing at this path."))
        if request.method != "POST":
            return Outcome(oauth.error(405, "invalid_request", "Only POST is known here.", (("Allow", "POST"),)))
        return Outcome(oauth.form_fault(request, "password") or self._token(request))

    def _token(self, request: Request) -> Answer:
        client, secret = oauth.basic(request)
        if not _knows(self.clients, client, secret):
            return oauth.error(401, "Unauthorized", "Bad credentials", (("WWW-Authenticate", 'Basic realm="auth"'),))
        if request.form("client_id") != _CLIENT_ID:
            return oauth.error(401, "invalid_client", "client_id does not name a known client")
        username = request.form("username")
        if not _knows(self.administrators, username, request.form("password")):
            return oauth.error(401, "invalid_grant", "Bad credentials")
        return self.tokens.issue(username, self.settings.expires_in)


def _knows(people: dict[str, str], name: str, secret: str) -> bool:
    return name in people and oauth.same(secret, people[name])
