"""Redaction of secrets in responses: some servers echo requests, in any encoding.

It redacts by value: raw, escaped as in JSON, Python and HTML, URL-quoted, in base64 (at each of the three alignments,
so also inside HTTP Basic) and in hex. Fields with secret names (`access_token`) are redacted too, because their values
are not known in advance.
"""

from __future__ import annotations

import base64
import html
import json
import re
from email.message import Message
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

KEPT_TEXT = 64 * 1024
_KEPT_HEADER = 2048
_CUT_MARK = "… [cut]"
_NEVER_KEPT = {"set-cookie", "set-cookie2", "cookie", "authorization", "proxy-authorization", "x-api-key"}
# Encodings of very short values have two letters and would match in every other word.
_SHORTEST_ENCODED = 4
_NEVER_ESCAPED = re.compile(r"[0-9A-Za-z_.-]+")
_SHORTEST_RUN = 6
# A match starts only at the first of several backslashes: trying each of 65,000 would take 10 s.
_SECRET_FIELD = re.compile(
    r'(?<!\\)(\\*"(?:access_token|refresh_token|id_token|client_secret|clientSecret|secret|password|webhookPassword|apiKey)\\*"\s*:\s*\\*")'
    r'(?:[^"\\]|\\.)*'
)
# In the definitions of Nexus, "secret" is an object, whose fields may have any names.
_SECRET_OBJECT = re.compile(r'(?<!\\)((\\*")secret\2\s*:\s*)\{(?!\s*\})[^{}]*(?:\}|\Z)')


def _base64_forms(value: bytes) -> Iterator[str]:
    """The base64 characters that do not depend on the neighbouring bytes, for each alignment and both alphabets."""
    for shift in range(3):
        coded = base64.b64encode(b"\0" * shift + value).decode()
        core = coded[-(-shift * 8 // 6) : (shift + len(value)) * 8 // 6]
        yield core
        yield core.replace("+", "-").replace("/", "_")


def _quoted(text: str) -> Iterator[str]:
    """The text as it appears inside quotes in JSON and Python, with optional escapes applied or not."""
    escaped, readable = json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1]
    yield from (escaped, readable, escaped.replace("/", "\\/"), readable.replace("/", "\\/"))
    both = text + "'\""  # with both quotes in it, Python escapes the single ones
    for written in (repr(both)[1:-4], ascii(both)[1:-4], repr(both.encode("utf-8", "replace"))[2:-4]):
        yield from (written, written.replace("\\'", "'"))


def _percent_forms(data: bytes) -> Iterator[str]:
    for quoted in (quote(data, safe=""), quote(data), quote_plus(data)):
        yield quoted
        yield re.sub(r"%..", lambda found: found.group().lower(), quoted)


def _coded(text: str) -> Iterator[str]:
    """The text in encodings of bytes, except those of very short texts."""
    data = text.encode("utf-8", "replace")
    units = "".join(f"\\u{unit.hex()}" for unit in _utf16_units(text))
    coded = (*_base64_forms(data), data.hex(), data.hex().upper(), units, units.upper().replace("\\U", "\\u"))
    yield from (form for form in coded if len(form) >= _SHORTEST_ENCODED)
    yield from _percent_forms(data)


def _utf16_units(text: str) -> Iterator[bytes]:
    data = text.encode("utf-16-be", "surrogatepass")
    return (data[at : at + 2] for at in range(0, len(data), 2))


def _html_forms(text: str) -> Iterator[str]:
    escaped = html.escape(text)
    yield from (text, escaped, escaped.replace("&#x27;", "&#39;"))


@lru_cache(maxsize=512)  # the same secret is searched in each response, log record and error report
def encodings(value: str) -> frozenset[str]:
    """Every encoding of a secret that is searched: plain, quoted once or twice, and encoded."""
    once = {value, *_quoted(value)}
    twice = {spelt for text in once for spelt in _quoted(text)}  # JSON inside JSON, a repr inside a repr
    found = {spelt for text in once | twice for spelt in _html_forms(text)}
    found |= {spelt for text in once for spelt in _coded(text)}
    return frozenset(found - {""})


@lru_cache(maxsize=512)
def needles(value: str) -> frozenset[str]:
    """A small set of search texts, one of which occurs in every encoding of the secret; most texts contain none.

    They are built from its longest run of characters that are never escaped.
    """
    run = max(_NEVER_ESCAPED.findall(value), key=len, default="")
    return frozenset({run, *_coded(run)}) if len(run) >= _SHORTEST_RUN else encodings(value)


class Mask:
    """Redacts the given secrets in texts. Create one for each response."""

    def __init__(self, secrets: Mapping[str, str]) -> None:
        self._values = [value for value in secrets.values() if value]
        self._names = {form: name for name, value in secrets.items() for form in encodings(value)}
        self._longest = max(map(len, self._names), default=0)

    def _mark(self, found: re.Match[str]) -> str:
        return f"[secret {self._names[found.group()]}]"

    def _pattern(self, text: str) -> re.Pattern[str] | None:
        """The pattern for this text. Few responses contain a secret, and compiling a pattern is expensive."""
        near = [value for value in self._values if any(trace in text for trace in needles(value))]
        present = {form for value in near for form in encodings(value) if form in text}
        return re.compile("|".join(map(re.escape, sorted(present, key=len, reverse=True)))) if present else None

    def text(self, text: str, limit: int = KEPT_TEXT) -> str:
        """The redacted text, cut to about `limit` characters, without a part of a secret at the cut."""
        window = text[: limit + self._longest]
        pattern = self._pattern(window)
        cut = limit
        kept = window[:cut]
        if pattern:
            spans = (found.span() for found in pattern.finditer(window))
            cut = next((start for start, end in spans if start < limit < end), limit)
            kept = pattern.sub(self._mark, window[:cut])
        kept = _SECRET_OBJECT.sub(r"\1\2[secret]\2", kept)
        kept = _SECRET_FIELD.sub(r"\1[secret]", kept)
        return kept + _CUT_MARK if len(text) > cut else kept

    def headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        """The redacted headers, without those that are always secret."""
        return {
            _clean(self.text(name, _KEPT_HEADER)): _clean(self.text(value, _KEPT_HEADER))
            for name, value in headers.items()
            if name.lower() not in _NEVER_KEPT
        }


def _clean(text: str) -> str:
    """Remove what databases do not accept: NUL and half surrogate pairs."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def body_text(body: bytes, content_type: str) -> str:
    """The body as text in any charset; NULs are removed so that unannounced UTF-16 is redacted too."""
    for charset in (json.detect_encoding(body), charset_of(content_type)):
        try:
            return _clean(body.decode(charset))
        except (LookupError, ValueError):
            continue
    return _clean(body.decode("utf-8", "replace"))


def charset_of(content_type: str) -> str:
    """The charset in a Content-Type header, or ''."""
    message = Message()
    message["Content-Type"] = content_type
    return message.get_content_charset("")
