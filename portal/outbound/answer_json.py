"""JSON out of an answer's bytes, whatever somebody's server makes of it."""

from __future__ import annotations

import json
import re
from email.message import Message
from typing import NoReturn, TypeAlias

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"

# Escapes that parse, but that no database takes: NUL and halves of surrogate pairs.
_SUSPECT_ESCAPE = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")


def charset_of(content_type: str) -> str:
    """The charset that a Content-Type header names, or ''."""
    message = Message()
    message["Content-Type"] = content_type
    return message.get_content_charset("")


def _decoded(body: bytes, content_type: str) -> str:
    """JSON is UTF-8, 16 or 32, with or without a BOM; some servers send Latin-1 all the same and say so."""
    try:
        return body.decode(json.detect_encoding(body))
    except UnicodeDecodeError:
        charset = charset_of(content_type)
        if not charset:
            raise
    try:
        return body.decode(charset)
    except LookupError:
        raise ValueError("unknown charset") from None


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def parse(body: bytes, content_type: str = "") -> Json:
    """The JSON value in `body`; ValueError when there is none that we could also keep."""
    text = _decoded(body, content_type)
    try:
        value: Json = json.loads(text, parse_constant=_no_constant)
        if _SUSPECT_ESCAPE.search(text) and "\\u0000" in json.dumps(value, ensure_ascii=False).encode().decode():
            raise ValueError("NUL in JSON")
    except RecursionError:
        raise ValueError("JSON too deep") from None
    return value
