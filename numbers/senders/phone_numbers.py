"""What a sender's number may look like.

Short codes have 5 digits (6 are in use too), long codes 10, or 11 with the leading 1 (guide, options 1 and 2).
"""

import re
from dataclasses import dataclass

from django.core.exceptions import ValidationError

LONG_CODE_DIGITS = 10
_TOLL_FREE = re.compile(r"1?(800|833|844|855|866|877|888)[2-9][0-9]{6}")
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


def is_toll_free(digits: str) -> bool:
    """Say whether the number lies in a toll-free code."""
    return bool(_TOLL_FREE.fullmatch(digits))


def kind_of(digits: str) -> str:
    """Return what kind of number it is, in words."""
    if is_toll_free(digits):
        return "toll-free number"
    return "short code" if _SHORT_CODE.fullmatch(digits) else "long code"


def with_country_code(digits: str) -> str:
    """Return the one form of a number that may stand with or without the leading 1."""
    is_long = len(digits) == LONG_CODE_DIGITS and not _ONE_DIGIT_SHORT.fullmatch(digits)
    return f"1{digits}" if is_long else digits
