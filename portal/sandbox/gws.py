"""Genesys Web Services: the one endpoint that makes the token for the Nexus API keys.

`POST /auth/v3/oauth/token`, HTTP Basic of an API client, form with grant_type=password,
client_id=external_api_client, username and password of an administrator. The errors are [inferred] from
OAuth's standard and from what an installation was seen to say.
"""

from dataclasses import dataclass
from typing import Final

from portal.sandbox import oauth
from portal.sandbox.settings import setting, whole
from portal.sandbox.systems import Outcome
from portal.sandbox.wire import Answer, Request, json_answer

PREFIX: Final = "/auth/"
_PATH: Final = "/auth/v3/oauth/token"
_CLIENT_ID: Final = "external_api_client"

# Who is there from the start. Made up, and public.
API_CLIENT: Final = ("external_api_client", "sandbox-gws-client-secret")
ADMINISTRATOR: Final = ("gws-administrator", "sandbox-gws-password")


@dataclass(frozen=True)
class GwsSettings:
    """How long a token lasts, in seconds."""

    expires_in: int = setting(43_200, whole())


class Gws:
    """API clients, administrators and the tokens they have."""

    def __init__(self) -> None:
        self.tokens: oauth.Tokens[str] = oauth.Tokens()
        self.forget()

    def forget(self) -> None:
        """Only the first client and administrator, no tokens, settings as at the start."""
        self.settings = GwsSettings()
        self.clients = dict([API_CLIENT])
        self.administrators = dict([ADMINISTRATOR])
        self.tokens.forget()

    def refusal(self, request: Request, status: int, message: str) -> Answer:  # noqa: ARG002 - a system's signature
        """OAuth's form."""
        return oauth.error(status, "invalid_request" if status < 500 else "server_error", message)  # noqa: PLR2004 - 4xx or 5xx

    def pretence(self, request: Request) -> Answer:  # noqa: ARG002 - a system's signature
        """A token that nobody will take."""
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
