"""Serialization of requests: with the secrets for sending, with `$names` for display."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import urlencode

from portal.http_client.messages import Basic, Bearer, Secret

if TYPE_CHECKING:
    from portal.http_client.messages import Body, HeaderValue, Request

Reveal: TypeAlias = Callable[[Secret], str]


def mark(secret: Secret) -> str:
    """The displayed placeholder of a secret."""
    return f"${secret.name}"


def reveal_text(value: str | Secret, reveal: Reveal) -> str:
    """The value of a text that may be a secret."""
    return reveal(value) if isinstance(value, Secret) else value


def header_to_send(value: HeaderValue, reveal: Reveal) -> str:
    """A header's value for sending."""
    if isinstance(value, Bearer):
        return f"Bearer {reveal(value.token)}"
    if isinstance(value, Basic):
        pair = f"{reveal_text(value.username, reveal)}:{reveal(value.password)}"
        return f"Basic {b64encode(pair.encode()).decode()}"
    return reveal_text(value, reveal)


def header_twin(value: HeaderValue) -> str:
    """A header's value for display; Basic is not base64-encoded, so that `$names` stay readable."""
    if isinstance(value, Basic):
        return f"Basic {reveal_text(value.username, mark)}:{mark(value.password)}"
    return header_to_send(value, mark)


def headers_of(request: Request) -> dict[str, HeaderValue]:
    """The request's headers, with the content type of its body."""
    headers = dict(request.headers)
    if "content-type" in {name.lower() for name in headers}:
        return headers
    if request.form is not None:
        return {"Content-Type": "application/x-www-form-urlencoded", **headers}
    if request.json is not None:
        return {"Content-Type": "application/json", **headers}
    return headers


def fill(body: Body, reveal: Reveal) -> Any:
    """The JSON value with each Secret replaced."""
    if isinstance(body, Secret):
        return reveal(body)
    if isinstance(body, Mapping):
        return {name: fill(value, reveal) for name, value in body.items()}
    if isinstance(body, Sequence) and not isinstance(body, str):
        return [fill(value, reveal) for value in body]
    return body


def json_text(value: object, indent: int | None = None) -> str:
    r"""Valid, readable JSON; ValueError for NaN. Half surrogate pairs, which UTF-8 cannot encode, become \ud8xx."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, indent=indent)
    return text.encode("utf-8", "backslashreplace").decode()


def body_to_send(request: Request, reveal: Reveal) -> str | None:
    """The body for sending."""
    if request.form is not None:
        return urlencode({name: reveal_text(value, reveal) for name, value in request.form.items()})
    return None if request.json is None else json_text(fill(request.json, reveal))


def body_twin(request: Request) -> str:
    """The body for display; '' if there is none."""
    if request.form is not None:
        return urlencode({name: reveal_text(value, mark) for name, value in request.form.items()}, safe="$")
    return "" if request.json is None else json_text(fill(request.json, mark), indent=2)
