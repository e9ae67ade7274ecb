"""Requests and responses of the HTTP client.

A `Request` contains no secret: `Secret("apiKey")` marks its place. Only `send` gets the values, so requests can be
shown, stored and logged. For people (curl commands, Call rows) a secret appears as `$apiKey`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from portal.http_client.destinations import Destination

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Secret:
    """A placeholder for a secret; `name` is the guide's variable name and the key in `secrets`."""

    name: str

    def __post_init__(self) -> None:
        """Check the name: it must be a valid bash variable for the curl command."""
        if not _VARIABLE.fullmatch(self.name):
            raise ValueError(f"{self.name!r} is not a variable name")


@dataclass(frozen=True, slots=True)
class Bearer:
    """The header value `Bearer TOKEN`."""

    token: Secret


@dataclass(frozen=True, slots=True)
class Basic:
    """The header value of HTTP Basic: `Basic base64(username:password)`."""

    username: str | Secret
    password: Secret


HeaderValue: TypeAlias = "str | Secret | Bearer | Basic"
Body: TypeAlias = "Mapping[str, Body] | Sequence[Body] | str | int | float | bool | Secret | None"


@dataclass(frozen=True, slots=True)
class Request:
    """A request. `json` None means no body; `form`, if given, is sent urlencoded instead of `json`.

    `purpose` says in words what it is for ("create SMS"). `variables` are guide variables that are not secret, for the
    curl command ({"nexusURL": "http://…", "ccid": "…"}): it shows `$nexusURL` where one of these values appears.
    """

    destination: Destination
    purpose: str
    method: str
    url: str
    headers: Mapping[str, HeaderValue] = field(default_factory=dict)
    json: Body = None
    form: Mapping[str, str | Secret] | None = None
    variables: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete response: lower-case header names, decompressed body; not redacted. `read_json` parses the body."""

    status: int
    headers: dict[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    correlation_id: str
    duration_ms: int
    host: str = ""
