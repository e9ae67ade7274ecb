"""Customers' gateways: webhooks of Third-Party Messaging, correct ones and many kinds of bad ones.

They take `POST /gateways/{name}` with a message and `X-Hub-Signature: sha1=<hex HMAC-SHA1 of the raw body>`. A correct
gateway checks the signature and answers a 2xx with `messageId` within 10 seconds.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from portal.devtools.sandbox.gateway_catalogue import CATALOGUE, PREFIX, Gateway
from portal.devtools.sandbox.http1 import Answer, Request, json_answer
from portal.devtools.sandbox.response_plan import Case
from portal.devtools.sandbox.settings import TEXT, TEXTS_BY_NAME, number, optional, setting
from portal.devtools.sandbox.systems import Outcome

SECRET: Final = "sandbox-webhook-secret"  # noqa: S105 - the initial secret of all gateways; invented and public


@dataclass(frozen=True)
class GatewaySettings:
    """The secret of all gateways, other secrets by name, and the delay of the slow one in seconds."""

    secret: str = setting(SECRET, TEXT)
    secrets: Mapping[str, str] | None = setting(None, optional(TEXTS_BY_NAME))
    slow_seconds: float = setting(11, number())

    def secret_of(self, name: str) -> str:
        """Return the secret of one gateway."""
        return (self.secrets or {}).get(name, self.secret)


class Gateways:
    """All gateways; an accepted message is an effect."""

    def __init__(self) -> None:
        self.settings = GatewaySettings()

    def forget(self) -> None:
        """Reset the settings."""
        self.settings = GatewaySettings()

    def refusal(self, request: Request, status: int, message: str) -> Answer:  # noqa: ARG002 - part of the System protocol
        """Refuse in a generic format."""
        return json_answer(status, {"error": message})

    def fake_success(self, request: Request) -> Answer:  # noqa: ARG002 - part of the System protocol
        """Answer as if a message had been accepted."""
        return _taken()

    def handle(self, request: Request) -> Outcome:
        """Answer as the gateway of this name."""
        gateway = CATALOGUE.get(request.path.removeprefix(PREFIX))
        if gateway is None:
            return Outcome(self.refusal(request, 404, "There is no gateway of this name: see /_sandbox/gateways."))
        if request.method != "POST":
            return Outcome(json_answer(405, {"error": "Only POST is known here."}, (("Allow", "POST"),)))
        if not gateway.signed(request, self.settings.secret_of(gateway.name)):
            return Outcome(self.refusal(request, gateway.refusal, "The signature is wrong."))
        return self._take(gateway, request)

    def _take(self, gateway: Gateway, request: Request) -> Outcome:
        options = {"seconds": self.settings.slow_seconds, **gateway.options}
        honest = _taken()._replace(status=gateway.status)
        case = Case(request, honest, gateway.status, options, self.refusal)
        effect = f"message taken by {gateway.name}" if gateway.takes else None
        return Outcome(honest, effect, gateway.answer(case), gateway.silent)


def _taken() -> Answer:
    return json_answer(200, {"messageId": str(uuid.uuid4())})
