"""Genesys Cloud system: dispatches a request to the login or the API, by host and path."""

from typing import Final

from portal.devtools.sandbox import oauth
from portal.devtools.sandbox.genesys_cloud import api, login
from portal.devtools.sandbox.genesys_cloud.errors import html, plain
from portal.devtools.sandbox.genesys_cloud.inventory import BASE
from portal.devtools.sandbox.genesys_cloud.state import State
from portal.devtools.sandbox.http1 import Answer, Request, json_answer
from portal.devtools.sandbox.systems import Outcome

LOGIN_HOST: Final = "/login-host"
API_HOST: Final = "/api-host"
PREFIXES: Final = ("/oauth/", "/api/", f"{LOGIN_HOST}/", f"{API_HOST}/")


class GenesysCloud:
    """The login host and the API host in one system."""

    def __init__(self) -> None:
        self.state = State()

    def forget(self) -> None:
        """Reset to the initial state, including settings."""
        self.state.forget()

    def handle(self, request: Request) -> Outcome:
        """Answer one request."""
        host, path = self._host(request)
        if path == login.PATH and host != API_HOST:
            return Outcome(login.token(self.state, request))
        if path.startswith("/api/") and host != LOGIN_HOST:
            return api.handle(self.state, request, path)
        return Outcome(html(404, "Not Found"))

    def refusal(self, request: Request, status: int, message: str) -> Answer:
        """Refuse in OAuth's format at the token endpoint, in the API's everywhere else."""
        if request.path.endswith(login.PATH):
            return oauth.error(status, "server_error" if status >= 500 else "invalid_request", message)  # noqa: PLR2004 - 4xx or 5xx
        return plain(status, message)

    def fake_success(self, request: Request) -> Answer:
        """Answer as if the request had succeeded: with an invalid token, an empty list or an unknown order."""
        if request.path.endswith(login.PATH):
            return json_answer(200, {"access_token": "never-issued", "token_type": "bearer", "expires_in": 3600})
        if request.method == "GET":
            return json_answer(200, {"entities": []})
        nothing = "00000000-0000-0000-0000-000000000000"
        return json_answer(200, {"id": nothing, "orderStatus": "PENDING", "selfUri": f"{BASE}/orders/{nothing}"})

    def _host(self, request: Request) -> tuple[str, str]:
        """Return the host prefix, empty if both hosts are meant, and the path without it."""
        for prefix in (LOGIN_HOST, API_HOST):
            if request.path.startswith(f"{prefix}/"):
                return prefix, request.path.removeprefix(prefix)
        name = request.headers.get("host", "").rpartition(":")[0] or request.headers.get("host", "")
        named = {self.state.settings.login_host: LOGIN_HOST, self.state.settings.api_host: API_HOST}
        return named.get(name, ""), request.path
