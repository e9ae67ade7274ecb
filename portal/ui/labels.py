"""Display formats of phone numbers, durations and times."""

import re
from datetime import UTC, datetime

_NORTH_AMERICAN = re.compile(r"\+?1(\d{3})(\d{3})(\d{4})")
_SECOND_MS = 1000
_SHORT_MS = 9_950  # from here on, tenths of a second would round to "10.0 s"
_MINUTE = 60
_HOUR = 3600


def phone_words(value: object) -> str:
    """`18445551212` -> `+1 844 555 1212`. Short codes, foreign numbers and other text stay unchanged."""
    text = str(value).strip()
    if match := _NORTH_AMERICAN.fullmatch(text):
        return "+1 " + " ".join(match.groups())
    return text


def duration_words(milliseconds: float) -> str:
    """`340` -> `340 ms`, `1234` -> `1.2 s`, `65_000` -> `1 min 05 s`, `3_780_000` -> `1 h 03 min`."""
    ms = round(milliseconds)
    if ms < _SECOND_MS:
        return f"{ms} ms"
    if ms < _SHORT_MS:
        return f"{ms / _SECOND_MS:.1f} s"
    seconds = round(ms / _SECOND_MS)
    if seconds < _MINUTE:
        return f"{seconds} s"
    if seconds < _HOUR:
        return f"{seconds // _MINUTE} min {seconds % _MINUTE:02d} s"
    return f"{seconds // _HOUR} h {seconds % _HOUR // _MINUTE:02d} min"


def utc_words(moment: datetime, *, seconds: bool = False) -> str:
    """`23 Nov 2026, 16:33 UTC`, shown without JavaScript."""
    clock = "%H:%M:%S" if seconds else "%H:%M"
    return f"{moment.astimezone(UTC):%-d %b %Y, {clock}} UTC"
