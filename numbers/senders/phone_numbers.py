"""What a sender's number may look like.

Short codes have 5 digits (6 are in use too), long codes 10, or 11 with the leading 1 (guide, options 1 and 2).
"""

import re
from dataclasses import dataclass

from django.core.exceptions import ValidationError

_SHORT_CODE = re.compile(r"[0-9]{5,6}")
_LONG_CODE = re.compile(r"1?[2-9][0-9]{2}[2-9][0-9]{6}")
# The guide's own example, 1650466114, is one digit short of 1 + 10: it is taken, with a warning.
_ONE_DIGIT_SHORT = re.compile(r"1[0-9]{9}")
_PUNCTUATION = re.compile(r"[\s().\-/]")


@dataclass(frozen=True)
class SenderNumber:
    """A number as digits, and what about it looks odd."""

    digits: str
    warning: str = ""


def parse(text: str) -> SenderNumber:
    """Return the number that a person typed; raises ValidationError with a sentence."""
    digits = _PUNCTUATION.sub("", text.strip()).removeprefix("+")
    if _SHORT_CODE.fullmatch(digits) or _LONG_CODE.fullmatch(digits):
        return SenderNumber(digits)
    if _ONE_DIGIT_SHORT.fullmatch(digits):
        return SenderNumber(digits, f"{digits} begins with 1 but has ten digits; is one missing? It is taken as it is.")
    raise ValidationError("Enter a short code (5 or 6 digits) or a long code (10 digits, or 11 with the leading 1).")
