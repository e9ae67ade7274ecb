"""OAuth helpers of the two token endpoints: Basic credentials, errors, bearer tokens."""

import base64
import binascii
import hmac
import secrets
import time
from collections.abc import Callable
from typing import Final, Generic, NamedTuple, TypeVar

from portal.devtools.sandbox.http1 import Answer, Headers, Request, json_answer

FORM: Final = "application/x-www-form-urlencoded"
_NO_STORE: Final = (("Cache-Control", "no-store"), ("Pragma", "no-cache"))  # RFC 6749, section 5.1

Holder = TypeVar("Holder")


def basic(request: Request) -> tuple[str, str]:
    """Return user and password of HTTP Basic; two empty strings if there are none."""
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        user, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return user, password


def bearer(request: Request) -> str:
    """Return the bearer token; empty if there is none."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def same(given: str, right: str) -> bool:
    """Return whether two secrets are equal, in constant time."""
    return hmac.compare_digest(given.encode(), right.encode())


def error(status: int, code: str, description: str, headers: Headers = ()) -> Answer:
    """Return an OAuth error; Genesys Cloud sends `description` besides the standard's `error_description`."""
    return json_answer(status, {"error": code, "description": description, "error_description": description}, headers)


def form_fault(request: Request, grant_type: str) -> Answer | None:
    """Return an error if a token request is malformed, before any credentials are checked."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        return error(400, "invalid_request", f"Content-Type must be {FORM}")
    given = request.form("grant_type")
    if not given:
        return error(400, "invalid_request", "grant_type is missing")
    return None if given == grant_type else error(400, "unsupported_grant_type", "this grant_type is not supported")


class Token(NamedTuple, Generic[Holder]):
    """The holder of a token, and its expiry on the monotonic clock."""

    holder: Holder
    ends: float

    @property
    def expired(self) -> bool:
        """Return whether it has expired."""
        return time.monotonic() >= self.ends


class Tokens(Generic[Holder]):
    """The bearer tokens of one endpoint."""

    def __init__(self) -> None:
        self._tokens: dict[str, Token[Holder]] = {}

    def issue(self, holder: Holder, seconds: int) -> Answer:
        """Issue a token and return the endpoint's answer."""
        token = secrets.token_urlsafe(48)
        self._tokens[token] = Token(holder, time.monotonic() + seconds)
        document = {"access_token": token, "token_type": "bearer", "expires_in": seconds}
        return json_answer(200, document, _NO_STORE)

    def find(self, request: Request) -> Token[Holder] | None:
        """Return the request's token, expired or not."""
        return self._tokens.get(bearer(request))

    def forget(self, whose: Callable[[Holder], bool] = lambda _holder: True) -> int:
        """Revoke all tokens, or those whose holder matches, and return how many."""
        gone = [token for token, each in self._tokens.items() if whose(each.holder)]
        for token in gone:
            del self._tokens[token]
        return len(gone)
