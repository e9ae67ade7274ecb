"""JSON parsing of response bodies, tolerant of wrong encodings."""

from __future__ import annotations

import json
import re
from typing import NoReturn, TypeAlias

from portal.core.logging.encodings import charset_of
from portal.http_client.errors import Unreadable
from portal.http_client.messages import Answer

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"

# Escapes that are valid JSON, but that no database accepts: NUL and halves of surrogate pairs.
_SUSPECT_ESCAPE = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")


def _decoded(body: bytes, content_type: str) -> str:
    """Decode JSON as UTF-8, 16 or 32, with or without a BOM, or in the header's charset: some servers send Latin-1."""
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
    """The JSON value in `body`; ValueError if it is invalid or contains text that no database accepts."""
    text = _decoded(body, content_type)
    try:
        value: Json = json.loads(text, parse_constant=_no_constant)
        if _SUSPECT_ESCAPE.search(text) and "\\u0000" in json.dumps(value, ensure_ascii=False).encode().decode():
            raise ValueError("NUL in JSON")
    except RecursionError:
        raise ValueError("JSON too deep") from None
    return value


def read_json(answer: Answer) -> Json:
    """The response's body as JSON; raises Unreadable if it is empty, not JSON, too deep or in an unknown charset."""
    try:
        return parse(answer.body, answer.headers.get("content-type", ""))
    except ValueError:
        pass
    # Raised outside the handler: the parser's error would carry the body along.
    raise Unreadable(answer.host, answer=answer)
