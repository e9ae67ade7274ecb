"""Customers' gateways, as the webhooks of Third-Party Messaging: good ones, and bad ones of many kinds.

`POST /gateways/{name}` with a message and `X-Hub-Signature: sha1=<hex HMAC-SHA1 of the raw body>`. A good gateway
checks the signature and answers a 2xx with `messageId` within 10 seconds; `gateway_catalogue.py` has all of them.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from portal.sandbox.gateway_catalogue import CATALOGUE, PREFIX, Gateway
from portal.sandbox.script import Case
from portal.sandbox.settings import TEXT, TEXTS_BY_NAME, number, optional, setting
from portal.sandbox.systems import Outcome
from portal.sandbox.wire import Answer, Request, json_answer

SECRET: Final = "sandbox-webhook-secret"  # noqa: S105 - of all gateways from the start; made up, and public


@dataclass(frozen=True)
class GatewaySettings:
    """The secret of all gateways, other secrets by name, and how many seconds the slow one takes."""

    secret: str = setting(SECRET, TEXT)
    secrets: Mapping[str, str] | None = setting(None, optional(TEXTS_BY_NAME))
    slow_seconds: float = setting(11, number())

    def secret_of(self, name: str) -> str:
        """The secret of one gateway."""
        return (self.secrets or {}).get(name, self.secret)


class Gateways:
    """All gateways; a message that one of them took is an effect."""

    def __init__(self) -> None:
        self.settings = GatewaySettings()

    def forget(self) -> None:
        """Settings as at the start."""
        self.settings = GatewaySettings()

    def refusal(self, request: Request, status: int, message: str) -> Answer:  # noqa: ARG002 - a system's signature
        """As any customer's program might say it."""
        return json_answer(status, {"error": message})

    def pretence(self, request: Request) -> Answer:  # noqa: ARG002 - a system's signature
        """A message taken that was not."""
        return _taken()

    def handle(self, request: Request) -> Outcome:
        """Let the gateway of this name answer."""
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
