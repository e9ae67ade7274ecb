"""API keys of Nexus: `POST /nexus/v3/apikeys` with the bearer token of a GWS administrator.

The request is known from the vendor's scripts. The answer is [inferred], except that it contains a UUID. It is under
both `id` and `apikey`, because the real name is unknown.
"""

import uuid
from typing import Final

from portal.devtools.sandbox.http1 import Request
from portal.devtools.sandbox.nexus_forms import RefusedError, json_body, success
from portal.devtools.sandbox.oauth import Tokens
from portal.devtools.sandbox.systems import Outcome

PATH: Final = "/nexus/v3/apikeys"
_MEMBERS: Final = ("enabled", "tenant", "name", "permissions")

ApiKey = dict[str, object]


class ApiKeys:
    """The keys that were made, in memory."""

    def __init__(self, tokens: Tokens[str]) -> None:
        self._tokens = tokens
        self.made: list[ApiKey] = []

    def forget(self) -> None:
        """Forget all keys."""
        self.made.clear()

    def handle(self, request: Request) -> Outcome:
        """Make a key. Raises `RefusedError`."""
        if request.method != "POST":
            raise RefusedError(405, "Only POST is known here.", allow="POST")
        token = self._tokens.find(request)
        if token is None or token.expired:
            raise RefusedError(401, "The bearer token is missing, wrong or expired.")
        data = _checked(json_body(request))
        identity = str(uuid.uuid4())
        self.made.append({"id": identity, "apikey": identity, **data})
        return Outcome(success(200, self.made[-1]), f"made API key {data['name']}")


def _checked(body: object) -> ApiKey:
    data = body.get("data") if isinstance(body, dict) else None
    if not isinstance(data, dict) or not isinstance(body, dict) or body.keys() != {"data"}:
        raise RefusedError(400, "The body must be an object with the one member data.")
    if data.keys() != set(_MEMBERS):
        raise RefusedError(400, f"data must have exactly the members {', '.join(_MEMBERS)}.")
    if not isinstance(data["enabled"], bool):
        raise RefusedError(400, "data.enabled must be true or false.")
    for name in ("tenant", "name"):
        if not isinstance(data[name], str) or not data[name].strip():
            raise RefusedError(400, f"data.{name} must be text that is not empty.")
    permissions = data["permissions"]
    if not isinstance(permissions, list) or not permissions or not all(isinstance(each, str) for each in permissions):
        raise RefusedError(400, "data.permissions must be a list of texts that is not empty.")
    return data
