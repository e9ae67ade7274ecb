"""What the two token endpoints have in common: Basic credentials, OAuth's errors, bearer tokens."""

import base64
import binascii
import hmac
import secrets
import time
from collections.abc import Callable
from typing import Final, Generic, NamedTuple, TypeVar

from portal.sandbox.wire import Answer, Headers, Request, json_answer

FORM: Final = "application/x-www-form-urlencoded"
_NO_STORE: Final = (("Cache-Control", "no-store"), ("Pragma", "no-cache"))  # RFC 6749, section 5.1

Holder = TypeVar("Holder")


def basic(request: Request) -> tuple[str, str]:
    """User and password of HTTP Basic; two empty texts when there are none."""
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        user, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return user, password


def bearer(request: Request) -> str:
    """The bearer token; empty when there is none."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def same(given: str, right: str) -> bool:
    """Whether two secrets are the same."""
    return hmac.compare_digest(given.encode(), right.encode())


def error(status: int, code: str, description: str, headers: Headers = ()) -> Answer:
    """OAuth's error; Genesys Cloud says `description` as well as the standard's `error_description`."""
    return json_answer(status, {"error": code, "description": description, "error_description": description}, headers)


def form_fault(request: Request, grant_type: str) -> Answer | None:
    """What is wrong with a token request before anybody's name is looked at."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        return error(400, "invalid_request", f"Content-Type must be {FORM}")
    given = request.form("grant_type")
    if not given:
        return error(400, "invalid_request", "grant_type is missing")
    return None if given == grant_type else error(400, "unsupported_grant_type", "this grant_type is not supported")


class Token(NamedTuple, Generic[Holder]):
    """Whose a token is, and until when."""

    holder: Holder
    ends: float

    @property
    def expired(self) -> bool:
        """Whether its time is over."""
        return time.monotonic() >= self.ends


class Tokens(Generic[Holder]):
    """The bearer tokens of one endpoint."""

    def __init__(self) -> None:
        self._tokens: dict[str, Token[Holder]] = {}

    def issue(self, holder: Holder, seconds: int) -> Answer:
        """A new token, as the endpoint answers it."""
        token = secrets.token_urlsafe(48)
        self._tokens[token] = Token(holder, time.monotonic() + seconds)
        document = {"access_token": token, "token_type": "bearer", "expires_in": seconds}
        return json_answer(200, document, _NO_STORE)

    def find(self, request: Request) -> Token[Holder] | None:
        """The request's token, expired or not."""
        return self._tokens.get(bearer(request))

    def forget(self, whose: Callable[[Holder], bool] = lambda _holder: True) -> int:
        """Take tokens back: all, or those whose holder fits; how many."""
        gone = [token for token, each in self._tokens.items() if whose(each.holder)]
        for token in gone:
            del self._tokens[token]
        return len(gone)
