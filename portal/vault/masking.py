"""Cutting secrets out of log lines and error reports, by value.

Masking by name misses a secret in an exception's text or in a library's debug line. So the values that this process
handled last are remembered here, and cut out of whatever it writes about itself, in every usual encoding.
"""

import logging
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.safestring import SafeString, mark_safe
from django.views.debug import ExceptionReporter

from portal.outbound.redact import Mask, forms

#: How many values a process remembers; more than are at work at once.
MOST_REMEMBERED = 128
#: Shorter ones would cut holes into ordinary words.
SHORTEST = 4
#: Written for every call and task, with ids only: searching these lines would cost more than writing them.
LINES_OF_IDS = frozenset({"portal.outbound", "celery.worker.strategy", "celery.app.trace"})
_NO_LIMIT = 10_000_000


@dataclass(frozen=True)
class _Remembered:
    name: str
    spellings: frozenset[str]


_recent: OrderedDict[str, _Remembered] = OrderedDict()
_lock = threading.Lock()


def remember(secrets: Mapping[str, str]) -> None:
    """Remember these values (by what they are called), so that nothing written from now on shows them."""
    for name, value in secrets.items():
        if len(value) >= SHORTEST:
            known = _recent.get(value) or _Remembered(name, frozenset(forms(value)))
            with _lock:
                _recent[value] = known
                _recent.move_to_end(value)
                while len(_recent) > MOST_REMEMBERED:
                    _recent.popitem(last=False)


def masked(text: str) -> str:
    """Return the text without the values that this process handled lately."""
    with _lock:
        known = list(_recent.items())
    found = {value: each.name for value, each in known if any(spelling in text for spelling in each.spellings)}
    for value, name in found.items():
        text = Mask({name: value}).text(text, _NO_LIMIT)
    return text


class MaskingFilter(logging.Filter):
    """Cuts secrets out of a record's message and traceback."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Mask the record; nothing is ever dropped."""
        if record.name in LINES_OF_IDS and record.levelno <= logging.INFO and not record.exc_info:
            return True
        message = record.getMessage()
        if (cut := masked(message)) != message:
            record.msg, record.args = cut, None
        if record.exc_info and not record.exc_text:
            record.exc_text = masked(logging.Formatter().formatException(record.exc_info))
        return True


class MaskingReporter(ExceptionReporter):
    """Django's error reports without secrets, in frames, settings and POST data alike."""

    def get_traceback_text(self) -> SafeString:
        """Return the report as text."""
        return mark_safe(masked(super().get_traceback_text()))  # noqa: S308 - Django's own report, with less in it

    def get_traceback_html(self) -> SafeString:
        """Return the report as HTML."""
        return mark_safe(masked(super().get_traceback_html()))  # noqa: S308 - the same
