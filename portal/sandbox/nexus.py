"""Nexus (Digital Channels): the provisioning API, version 3.

What the product guide gives: POST on the path below, its three headers, the bodies in `nexus_shapes.py`,
and that each service is created once per tenant. Everything else here is [inferred] and confirmed nowhere:
every status, the bodies of all answers, 409 for a service that is there already, and GET on the same path.
"""

import re
from typing import Final, NamedTuple

from portal.sandbox.nexus_shapes import SHAPES, complaint
from portal.sandbox.wire import NOT_JSON, Answer, Request, json_answer

PREFIX: Final = "/nexus/"
_SERVICES: Final = re.compile(r"/nexus/v3/provisioning/services/([^/]+)/([^/]+)")
_UUID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
_CREATED, _OK = 201, 200

Definition = dict[str, object]


class Outcome(NamedTuple):
    """What a system answers, and what the request changed in it (None: nothing)."""

    answer: Answer
    effect: str | None = None


class RefusedError(Exception):
    """A request that the system does not take."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def refusal(status: int, message: str) -> Answer:
    """An error in Nexus' form: `status.code` is not 0."""
    headers = (("Allow", "GET, POST"),) if status == 405 else ()  # noqa: PLR2004 - RFC 9110 demands it with a 405
    return json_answer(status, {"status": {"code": status, "message": message}}, headers)


def success(status: int, data: object) -> Answer:
    """A success in Nexus' form."""
    return json_answer(status, {"status": {"code": 0, "message": "ok"}, "data": data})


class Nexus:
    """The services of all tenants, in memory. `api_key` None takes any key that is not empty."""

    def __init__(self, api_key: str | None = None) -> None:
        self.api_key = api_key
        self._services: dict[tuple[str, str], Definition] = {}

    def forget(self) -> None:
        """Forget all services."""
        self._services.clear()

    def handle(self, request: Request) -> Outcome:
        """Answer one request under `/nexus/`."""
        try:
            return self._handle(request)
        except RefusedError as error:
            return Outcome(refusal(error.status, str(error)))

    def _handle(self, request: Request) -> Outcome:
        match = _SERVICES.fullmatch(request.path)
        if not match:
            raise RefusedError(404, "There is nothing at this path.")
        if request.method not in {"GET", "POST"}:
            raise RefusedError(405, "Only GET and POST are known here.")
        ccid, service = match.groups()
        self._check_caller(request, ccid)
        if service not in SHAPES:
            raise RefusedError(404, "There is no service of this name.")
        key = (ccid.lower(), service)
        return self._create(key, request) if request.method == "POST" else self._show(key)

    def _check_caller(self, request: Request, ccid: str) -> None:
        given = request.headers.get("x-api-key", "")
        if not given or (self.api_key is not None and given != self.api_key):
            raise RefusedError(401, "x-api-key is missing or wrong.")
        if not _UUID.fullmatch(ccid):
            raise RefusedError(400, "The contact centre id in the path is not a UUID.")
        if request.headers.get("x-ccid") != ccid:
            raise RefusedError(400, "x-ccid is not the contact centre id in the path.")

    def _create(self, key: tuple[str, str], request: Request) -> Outcome:
        service = key[1]
        definition = _definition(service, request)
        if key in self._services:
            raise RefusedError(409, f"The service {service} exists already for this contact centre.")
        self._services[key] = definition
        return Outcome(success(_CREATED, definition), f"created {service}")

    def _show(self, key: tuple[str, str]) -> Outcome:
        """[inferred] The guide has no GET."""
        if key not in self._services:
            raise RefusedError(404, f"The service {key[1]} does not exist for this contact centre.")
        return Outcome(success(_OK, self._services[key]))


def _definition(service: str, request: Request) -> Definition:
    """The checked body without its secret, which is never stored."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise RefusedError(415, "Content-Type must be application/json.")
    if request.json is NOT_JSON:
        raise RefusedError(400, "The body is not valid JSON.")
    body = request.json
    if wrong := complaint(service, body):
        raise RefusedError(400, f"{wrong[0].upper()}{wrong[1:]}.")
    return {name: value for name, value in body.items() if name != "secret"} if isinstance(body, dict) else {}
