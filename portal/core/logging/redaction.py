"""Redaction of secrets in log records and error reports, by value.

Redaction by name misses a secret in an exception's text or a library's debug message. So this process remembers the
secret values that it handled last and removes them from everything it writes, in every common encoding. It also removes
the portal's own secrets and the data that was posted in the current request.
"""

import logging
import pprint
import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.utils.safestring import SafeString, mark_safe
from django.views.debug import ExceptionReporter

from portal.core.logging.encodings import Mask, encodings, needles

#: Values that a process remembers; more than are in use at once.
MOST_REMEMBERED = 128
#: Shorter values would also match parts of ordinary words.
SHORTEST = 4
#: Loggers that write only ids, for every call and task. Searching their records would cost more than writing them.
LINES_OF_IDS = frozenset({"portal.http_client", "celery.worker.strategy", "celery.app.trace"})
_NO_LIMIT = 10_000_000
#: A fast search: of a text, pieces of 8 letters are taken at every 4th letter, so any 11 letters contain one of them.
#: Shorter pieces would often match by chance, since SQL in the log is full of hexadecimal ids.
_PIECE, _STEP = 8, 4
#: The mark of a secret that was already redacted.
_MARK = re.compile(r"\[secret ([^\]]*)\]")

Secrets = Iterable[tuple[str, str]]


#: Each value with its name, the most recently used last.
_recent: OrderedDict[str, str] = OrderedDict()
_lock = threading.Lock()
_current_request: ContextVar[HttpRequest | None] = ContextVar("current_request", default=None)


def remember_secret(secrets: Mapping[str, str]) -> None:
    """Remember these values by name, and redact them in everything that is written from now on."""
    with _lock:
        for name, value in secrets.items():
            if len(value) >= SHORTEST:
                _recent[value] = name
                _recent.move_to_end(value)
        while len(_recent) > MOST_REMEMBERED:
            _recent.popitem(last=False)


def redacted(text: str, also: Secrets = ()) -> str:
    """Return the text without the values that this process remembers, the portal's own secrets, and `also`.

    Existing marks stay as they are, because log records and reports are redacted more than once.
    """
    with _lock:
        known = [(name, value) for value, name in _recent.items()]
    known += [(name, value) for name, value in _own() if len(value) >= SHORTEST]
    more = [(name, value) for name, value in also if len(value) >= SHORTEST]
    near = _near(text, known, more)
    return _cut(text, near, {name for name, _ in known + more}) if near else text


def _near(text: str, known: list[tuple[str, str]], more: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the secrets that the text may contain; for most texts one lookup shows that it contains none."""
    seen = {text[at : at + _PIECE] for at in range(0, len(text), _STEP)}
    pieces, without = _pieces(frozenset([value for _, value in known]))
    if pieces.isdisjoint(seen):
        known = [(name, value) for name, value in known if value in without]
    return [(name, value) for name, value in known + more if _may_stand_in(text, seen, value)]


def _may_stand_in(text: str, seen: set[str], value: str) -> bool:
    if pieces := _pieces_of(value):
        return not pieces.isdisjoint(seen)
    return any(trace in text for trace in needles(value))


@lru_cache(maxsize=2)  # valid until other values are remembered
def _pieces(values: frozenset[str]) -> tuple[frozenset[str], frozenset[str]]:
    """Return the pieces of all these values, and the values that have no pieces."""
    of_each = {value: _pieces_of(value) for value in values}
    return frozenset[str]().union(*of_each.values()), frozenset(value for value in values if not of_each[value])


@lru_cache(maxsize=512)
def _pieces_of(value: str) -> frozenset[str]:
    """Return the first pieces of each needle of a value; any text with the value shows at least one of them.

    A value has none if one of its needles is too short to contain a whole piece for certain.
    """
    if min(map(len, needles(value))) < _PIECE + _STEP - 1:
        return frozenset()
    return frozenset(trace[at : at + _PIECE] for trace in needles(value) for at in range(_STEP))


def _cut(text: str, near: list[tuple[str, str]], names: set[str]) -> str:
    """Replace each occurrence of these secrets with a mark; overlapping occurrences get one mark."""
    kept, end = list[str](), 0
    # From left to right, the longest first: it may contain a shorter one, and a word in a mark may itself be a secret.
    for start, stop, mark in sorted(_places(text, near, names), key=lambda place: (place[0], -place[1])):
        if start >= end:
            kept += (text[end:start], mark)
        end = max(end, stop)
    return Mask({}).text("".join((*kept, text[end:])), _NO_LIMIT)  # also redacts fields that are secret by name


def _places(text: str, near: list[tuple[str, str]], names: set[str]) -> Iterator[tuple[int, int, str]]:
    """Yield start, end and mark of each occurrence; existing marks are kept."""
    for name, value in near:
        for form in encodings(value):
            if form in text:
                yield from ((*found.span(), f"[secret {name}]") for found in re.finditer(re.escape(form), text))
    yield from ((*found.span(), found.group()) for found in _MARK.finditer(text) if found.group(1) in names)


def _own() -> Secrets:
    """Yield the portal's own secrets. Django hides settings by name, but not passwords inside URLs."""
    yield "SECRET_KEY", settings.SECRET_KEY
    yield from (("SECRET_KEY_FALLBACKS", key) for key in settings.SECRET_KEY_FALLBACKS)
    yield "METRICS_TOKEN", settings.METRICS_TOKEN
    yield "OIDC_CLIENT_SECRET", settings.OIDC_CLIENT_SECRET
    yield "EMAIL_URL", settings.EMAIL_HOST_PASSWORD
    yield "REDIS_URL", unquote(urlsplit(settings.REDIS_URL).password or "")
    yield "DATABASE_URL", str(settings.DATABASES["default"].get("PASSWORD") or "")


class RequestSecretsMiddleware:
    """Keeps the current request, so that everything posted in it is redacted while it is answered."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request."""
        token = _current_request.set(request)
        try:
            return self.get_response(request)
        finally:
            _current_request.reset(token)


def _posted(request: Any = None) -> Secrets:
    """Yield everything posted, once it was read: before a form validates it, any of it may be secret."""
    for each in {request, _current_request.get()}:
        post = vars(each).get("_post") if isinstance(each, HttpRequest) else None
        for name, values in post.lists() if isinstance(post, QueryDict) else ():
            yield from ((name, value) for value in values)


class RedactionFilter(logging.Filter):
    """Redacts secrets in a record's message and traceback."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Redact the record; no record is dropped."""
        if record.name in LINES_OF_IDS and record.levelno <= logging.INFO and not record.exc_info:
            return True
        also = list(_posted(getattr(record, "request", None)))
        message = record.getMessage()
        if (cut := redacted(message, also)) != message:
            record.msg, record.args = cut, None
        if record.exc_text or record.exc_info:
            # Another handler may already have formatted the traceback into the record, with the secrets.
            written = record.exc_text or logging.Formatter().formatException(record.exc_info or (None, None, None))
            record.exc_text = redacted(written, also)
        return True


@dataclass(frozen=True)
class _Written:
    """Replaces a value in a report by a text."""

    text: str

    def __repr__(self) -> str:
        return self.text


class RedactingReporter(ExceptionReporter):
    """Django's error reports without secrets in frames, settings and POST data."""

    def get_traceback_frames(self) -> list[dict[str, Any]]:
        """Return the frames with their variables redacted before Django wraps and truncates long ones."""
        frames = super().get_traceback_frames()
        for frame in frames:
            frame["vars"] = [(name, self._shown(value)) for name, value in frame.get("vars", ())]
        return frames

    def get_traceback_data(self) -> dict[str, Any]:
        """Return the template's data, redacted before long lines are wrapped."""
        data = super().get_traceback_data()
        # The part of the text that could not be encoded; a fragment of a secret would not be found by value.
        data["unicode_hint"] = ""
        for key, value in data.items():
            if key.endswith("_items"):
                data[key] = [(name, self._shown(each)) for name, each in value]
            elif key in {"settings", "request_meta"} and value:
                data[key] = {name: self._shown(each) for name, each in value.items()}
        return data

    def get_traceback_text(self) -> SafeString:
        """Return the report as text."""
        return mark_safe(self._cut(super().get_traceback_text()))  # noqa: S308 - Django's own report, with parts removed

    def get_traceback_html(self) -> SafeString:
        """Return the report as HTML."""
        return mark_safe(self._cut(super().get_traceback_html()))  # noqa: S308 - the same

    def _cut(self, text: str) -> str:
        return redacted(text, _posted(self.request))

    def _shown(self, value: Any) -> Any:
        """Return the value if it contains no secret, else its redacted text."""
        try:
            text = pprint.pformat(value, width=_NO_LIMIT)
        except Exception:  # noqa: BLE001 - the value's own code failed, and Django reports that
            return value
        cut = self._cut(text)
        return value if cut == text else _Written(cut)
