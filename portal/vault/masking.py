"""Cutting secrets out of log lines and error reports, by value.

Masking by name misses a secret in an exception's text or in a library's debug line. So the values that this process
handled last are remembered here, and cut out of whatever it writes about itself, in every usual encoding; so are the
portal's own secrets, and what a person posted in the request at hand.
"""

import logging
import pprint
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.utils.safestring import SafeString, mark_safe
from django.views.debug import ExceptionReporter

from portal.outbound.redact import Mask, traces

#: How many values a process remembers; more than are at work at once.
MOST_REMEMBERED = 128
#: Shorter ones would cut holes into ordinary words.
SHORTEST = 4
#: Written for every call and task, with ids only: searching these lines would cost more than writing them.
LINES_OF_IDS = frozenset({"portal.outbound", "celery.worker.strategy", "celery.app.trace"})
_NO_LIMIT = 10_000_000

Secrets = Iterable[tuple[str, str]]


#: Each value with what it is called, the one that was handled last at the end.
_recent: OrderedDict[str, str] = OrderedDict()
_lock = threading.Lock()
_at_hand: ContextVar[HttpRequest | None] = ContextVar("request_at_hand", default=None)


def remember(secrets: Mapping[str, str]) -> None:
    """Remember these values (by what they are called), so that nothing written from now on shows them."""
    with _lock:
        for name, value in secrets.items():
            if len(value) >= SHORTEST:
                _recent[value] = name
                _recent.move_to_end(value)
        while len(_recent) > MOST_REMEMBERED:
            _recent.popitem(last=False)


def masked(text: str, also: Secrets = ()) -> str:
    """Return the text without the values that this process handled lately, the portal's own, and `also`."""
    with _lock:
        known = [(name, value) for value, name in _recent.items()]
    known += [(name, value) for name, value in (*_own(), *also) if len(value) >= SHORTEST]
    near = [(name, value) for name, value in known if any(trace in text for trace in traces(value))]
    # The longest first: a shorter one may stand inside it, and would leave the rest of it behind.
    for name, value in sorted(near, key=lambda pair: len(pair[1]), reverse=True):
        text = Mask({name: value}).text(text, _NO_LIMIT)
    return text


def _own() -> Secrets:
    """Yield the portal's own secrets; Django hides settings by their names, and not inside a URL."""
    yield "SECRET_KEY", settings.SECRET_KEY
    yield from (("SECRET_KEY_FALLBACKS", key) for key in settings.SECRET_KEY_FALLBACKS)
    yield "METRICS_TOKEN", settings.METRICS_TOKEN
    yield "OIDC_CLIENT_SECRET", settings.OIDC_CLIENT_SECRET
    yield "EMAIL_URL", settings.EMAIL_HOST_PASSWORD
    yield "REDIS_URL", unquote(urlsplit(settings.REDIS_URL).password or "")
    yield "DATABASE_URL", str(settings.DATABASES["default"].get("PASSWORD") or "")


class AtHandMiddleware:
    """Keeps the request at hand, so that what it posted is masked in all that is written while it is answered."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request."""
        token = _at_hand.set(request)
        try:
            return self.get_response(request)
        finally:
            _at_hand.reset(token)


def _posted(request: Any = None) -> Secrets:
    """Yield what was posted, once somebody has read it: before a form cleans it, nobody knows what of it is secret."""
    for each in {request, _at_hand.get()}:
        post = vars(each).get("_post") if isinstance(each, HttpRequest) else None
        for name, values in post.lists() if isinstance(post, QueryDict) else ():
            yield from ((name, value) for value in values)


class MaskingFilter(logging.Filter):
    """Cuts secrets out of a record's message and traceback."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Mask the record; nothing is ever dropped."""
        if record.name in LINES_OF_IDS and record.levelno <= logging.INFO and not record.exc_info:
            return True
        also = list(_posted(getattr(record, "request", None)))
        message = record.getMessage()
        if (cut := masked(message, also)) != message:
            record.msg, record.args = cut, None
        if record.exc_text or record.exc_info:
            # Another handler may have written the traceback into the record already, as it was.
            written = record.exc_text or logging.Formatter().formatException(record.exc_info or (None, None, None))
            record.exc_text = masked(written, also)
        return True


@dataclass(frozen=True)
class _Written:
    """A value in whose place a text is shown."""

    text: str

    def __repr__(self) -> str:
        return self.text


class MaskingReporter(ExceptionReporter):
    """Django's error reports without secrets, in frames, settings and POST data alike."""

    def get_traceback_frames(self) -> list[dict[str, Any]]:
        """Return the frames; their variables are masked while they are whole: Django breaks long ones and cuts them."""
        frames = super().get_traceback_frames()
        for frame in frames:
            frame["vars"] = [(name, self._shown(value)) for name, value in frame.get("vars", ())]
        return frames

    def get_traceback_data(self) -> dict[str, Any]:
        """Return what the templates draw, masked where they would break long lines."""
        data = super().get_traceback_data()
        # Some letters of the text that could not be coded: of a secret, a piece that no search by value finds.
        data["unicode_hint"] = ""
        for key, value in data.items():
            if key.endswith("_items"):
                data[key] = [(name, self._shown(each)) for name, each in value]
            elif key in {"settings", "request_meta"} and value:
                data[key] = {name: self._shown(each) for name, each in value.items()}
        return data

    def get_traceback_text(self) -> SafeString:
        """Return the report as text."""
        return mark_safe(self._cut(super().get_traceback_text()))  # noqa: S308 - Django's own report, with less in it

    def get_traceback_html(self) -> SafeString:
        """Return the report as HTML."""
        return mark_safe(self._cut(super().get_traceback_html()))  # noqa: S308 - the same

    def _cut(self, text: str) -> str:
        return masked(text, _posted(self.request))

    def _shown(self, value: Any) -> Any:
        """Return the value if there is no secret in it, else its text without them."""
        try:
            text = pprint.pformat(value, width=_NO_LIMIT)
        except Exception:  # noqa: BLE001 - a value's own code; Django says so in the report
            return value
        cut = self._cut(text)
        return value if cut == text else _Written(cut)
