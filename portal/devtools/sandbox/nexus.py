"""Nexus (Digital Channels) in the sandbox: version 3 of the provisioning API.

The product guide documents POST on the path below, its three headers, the bodies, and that each service is created once
per tenant. Everything else is [inferred] and unconfirmed: every status, the bodies of all answers, 409 for an existing
service, and GET on the same path.
"""

import re
from dataclasses import dataclass
from typing import Final

from portal.devtools.sandbox import nexus_api_keys
from portal.devtools.sandbox.http1 import Answer, Request
from portal.devtools.sandbox.nexus_api_keys import ApiKeys
from portal.devtools.sandbox.nexus_forms import RefusedError, json_body, refusal, success
from portal.devtools.sandbox.nexus_shapes import SHAPES, complaint
from portal.devtools.sandbox.oauth import Tokens
from portal.devtools.sandbox.settings import FLAG, TEXT, one_of, optional, setting
from portal.devtools.sandbox.systems import Outcome

PREFIX: Final = "/nexus/"
_SERVICES: Final = re.compile(r"/nexus/v3/provisioning/services/([^/]+)/([^/]+)")
_UUID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
_CREATED, _OK = 201, 200

Definition = dict[str, object]


@dataclass(frozen=True)
class NexusSettings:
    """With `api_key` None any key that is not empty is accepted. The real values of the other three are unknown."""

    api_key: str | None = setting(None, optional(TEXT))
    replace: str = setting("refuse", one_of("refuse", "accept"))  # answer to a second POST of a service
    readable: bool = setting(default=True, check=FLAG)  # whether GET shows a definition
    unreadable_status: int = setting(405, one_of(404, 405))  # the answer to GET if it does not


class Nexus:
    """The services of all tenants and the API keys, in memory. `tokens` are those that GWS has issued."""

    def __init__(self, tokens: Tokens[str], api_key: str | None = None) -> None:
        self._given = self.settings = NexusSettings(api_key=api_key)
        self.api_keys = ApiKeys(tokens)
        self._services: dict[tuple[str, str], Definition] = {}

    def forget(self) -> None:
        """Remove all services and keys, and reset the settings to those given at the start."""
        self.settings = self._given
        self.api_keys.forget()
        self._services.clear()

    def refusal(self, request: Request, status: int, message: str) -> Answer:  # noqa: ARG002 - part of the System protocol
        """Refuse in Nexus' format."""
        return refusal(status, message)

    def fake_success(self, request: Request) -> Answer:  # noqa: ARG002 - part of the System protocol
        """Answer a success without data."""
        return success(_CREATED, {})

    def handle(self, request: Request) -> Outcome:
        """Answer one request under `/nexus/`."""
        try:
            return self._handle(request)
        except RefusedError as error:
            return Outcome(refusal(error.status, str(error), error.allow))

    def _handle(self, request: Request) -> Outcome:
        match = _SERVICES.fullmatch(request.path)
        if not match:
            return self._beside_services(request)
        if request.method not in {"GET", "POST"}:
            raise RefusedError(405, "Only GET and POST are known here.", allow="GET, POST")
        ccid, service = match.groups()
        self._check_caller(request, ccid)
        if service not in SHAPES:
            raise RefusedError(404, "There is no service of this name.")
        key = (ccid.lower(), service)
        return self._create(key, request) if request.method == "POST" else self._show(key)

    def _beside_services(self, request: Request) -> Outcome:
        if request.path == nexus_api_keys.PATH:
            return self.api_keys.handle(request)
        raise RefusedError(404, "There is nothing at this path.")

    def _check_caller(self, request: Request, ccid: str) -> None:
        given = request.headers.get("x-api-key", "")
        if not given or (self.settings.api_key is not None and given != self.settings.api_key):
            raise RefusedError(401, "x-api-key is missing or wrong.")
        if not _UUID.fullmatch(ccid):
            raise RefusedError(400, "The contact centre id in the path is not a UUID.")
        if request.headers.get("x-ccid") != ccid:
            raise RefusedError(400, "x-ccid is not the contact centre id in the path.")

    def _create(self, key: tuple[str, str], request: Request) -> Outcome:
        service = key[1]
        definition = _definition(service, request)
        if key not in self._services:
            self._services[key] = definition
            return Outcome(success(_CREATED, definition), f"created {service}")
        if self.settings.replace == "refuse":
            raise RefusedError(409, f"The service {service} exists already for this contact centre.")
        self._services[key] = definition
        return Outcome(success(_OK, definition), f"replaced {service}")

    def _show(self, key: tuple[str, str]) -> Outcome:
        """Answer the definition [inferred: the guide documents no GET]."""
        if not self.settings.readable:
            status = self.settings.unreadable_status
            raise RefusedError(status, "Definitions cannot be read here.", allow="POST" if status == 405 else "")  # noqa: PLR2004 - RFC 9110 requires Allow with a 405
        if key not in self._services:
            raise RefusedError(404, f"The service {key[1]} does not exist for this contact centre.")
        return Outcome(success(_OK, self._services[key]))


def _definition(service: str, request: Request) -> Definition:
    """Return the validated body without its secret, which is never stored."""
    body = json_body(request)
    if wrong := complaint(service, body):
        raise RefusedError(400, f"{wrong[0].upper()}{wrong[1:]}.")
    return {name: value for name, value in body.items() if name != "secret"} if isinstance(body, dict) else {}
