"""Custom HTTP headers of the webhook: validation, and options to paste (guide, option 2, last section)."""

import re
from dataclasses import dataclass

from django.core.exceptions import ValidationError

MOST_HEADERS = 20
LONGEST_VALUE = 500
_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,100}")  # RFC 9110, token
_PRINTABLE = re.compile(r"[\x20-\x7e]*")
#: Set by HTTP or by Digital Channels itself; a static value would break the webhook or its signature.
_RESERVED = re.compile(
    r"host|connection|keep-alive|te|trailer|transfer-encoding|upgrade|expect|content-.*|accept-encoding"
    r"|proxy-.*|x-hub-signature.*|x-b3-.*",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Header:
    """One custom header."""

    name: str
    value: str

    def as_option(self) -> str:
        """Return the option of NexusServices > [your async provider] that makes Digital Channels send the header."""
        return f"header:{self.name} = {self.value}"


def parse_lines(text: str) -> list[Header]:
    """Return the headers from `NAME = VALUE` lines. Raises ValidationError with a message for each invalid line."""
    headers: list[Header] = []
    wrong: list[str] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        name, separator, value = line.partition("=")
        header = Header(name.strip().removeprefix("header:").strip(), value.strip())
        problem = "" if separator else "Write NAME = VALUE."
        if problem := problem or problem_with(header, headers):
            wrong.append(f"Line {number}: {problem}")
        headers.append(header)
    if wrong:
        raise ValidationError(wrong)
    return headers


def problem_with(header: Header, others: list[Header]) -> str:
    """Return the first problem with a header, given those before it, or an empty string."""
    checks = (
        (
            not _TOKEN.fullmatch(header.name),
            "The name may hold letters, digits and dashes, but no spaces, colons or line breaks.",
        ),
        (
            _RESERVED.fullmatch(header.name),
            f"{header.name} is set by HTTP or by Digital Channels itself; choose another name.",
        ),
        (not header.value, f"{header.name} has no value."),
        (
            len(header.value) > LONGEST_VALUE or not _PRINTABLE.fullmatch(header.value),
            f"The value of {header.name} may hold up to {LONGEST_VALUE} plain ASCII characters, no line breaks.",
        ),
        (any(other.name.lower() == header.name.lower() for other in others), f"{header.name} stands here twice."),
        (len(others) >= MOST_HEADERS, f"More than {MOST_HEADERS} headers are not taken."),
    )
    return next((sentence for wrong, sentence in checks if wrong), "")


def as_text(pairs: list[list[str]]) -> str:
    """Return a draft's pairs as the lines that `parse_lines` reads."""
    return "\n".join(f"{name} = {value}" for name, value in pairs)
