"""Phone numbers: the one rule for what is taken, and the one form in which numbers are stored and compared.

Short codes have 5 digits (6 are in use too), long codes 10, or 11 with the leading 1 (guide, options 1 and 2). A long
code is stored with its leading 1, as `18445551212`: so the two ways to type it are one number everywhere. A number
that is taken has exactly the digits that were typed, perhaps with the 1 before them. Punctuation is taken in long
codes only, where it stands between the groups: a date or an address has digits too.
"""

import re
import unicodedata
from dataclasses import dataclass

from django.core.exceptions import ValidationError

from senders.number_refusals import reason_against

#: So long may a text be that is read as one number: long enough to say what is wrong with it.
LONGEST_TYPED = 200
WANTED = "Enter a short code (5 or 6 digits) or a long code (10 digits, or 11 with the leading 1)."
_TOLL_FREE = re.compile(r"1?(800|833|844|855|866|877|888)[2-9][0-9]{6}")
_SHORT_CODE = re.compile(r"[0-9]{5,6}")
_TEN_DIGITS = re.compile(r"[2-9][0-9]{2}[2-9][0-9]{6}")
# The guide's own example, 1650466114, is one digit short of 1 + 10: it is taken, with a warning.
_ONE_DIGIT_SHORT = re.compile(r"1[0-9]{9}")
_BETWEEN = r"(?: ?[-./] ?| )"
#: `6504661140`, `650-466-1140`, `(650) 466-1140`; each perhaps after 1 or +1.
_LONG_CODE = re.compile(
    rf"(?:\+?1{_BETWEEN}?)?[0-9]{{10}}"
    rf"|(?:\+?1{_BETWEEN})?[0-9]{{3}}{_BETWEEN}[0-9]{{3}}{_BETWEEN}[0-9]{{4}}"
    rf"|(?:\+?1{_BETWEEN}?)?\([0-9]{{3}}\){_BETWEEN}?[0-9]{{3}}{_BETWEEN}[0-9]{{4}}"
)
_PUNCTUATION = re.compile(r"[ ().\-/+]")
_DASHES = dict.fromkeys([*range(0x2010, 0x2016), 0x2212], "-")
_FULL_WIDTH = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}


@dataclass(frozen=True)
class SenderNumber:
    """A number in its stored form, and what about it looks odd."""

    digits: str
    warning: str = ""


def parse(text: str) -> SenderNumber:
    """Return the number that a person typed; raises ValidationError with a sentence."""
    typed = _plain(text)
    if _SHORT_CODE.fullmatch(typed):
        return SenderNumber(typed, _short_code_warning(typed))
    if _ONE_DIGIT_SHORT.fullmatch(typed):
        return SenderNumber(typed, f"{typed} begins with 1 but has ten digits; is one missing? It is taken as it is.")
    if _LONG_CODE.fullmatch(typed):
        digits = with_country_code(_PUNCTUATION.sub("", typed))
        if _TEN_DIGITS.fullmatch(digits.removeprefix("1")):
            return SenderNumber(digits)
    raise ValidationError(" ".join(filter(None, [reason_against(typed), WANTED])))


def is_toll_free(digits: str) -> bool:
    """Say whether the number lies in a toll-free code."""
    return bool(_TOLL_FREE.fullmatch(digits))


def kind_of(digits: str) -> str:
    """Return what kind of number it is, in words."""
    if is_toll_free(digits):
        return "toll-free number"
    return "short code" if _SHORT_CODE.fullmatch(digits) else "long code"


def with_country_code(digits: str) -> str:
    """Return the stored form of a number that another system told: a long code gets its leading 1."""
    return f"1{digits}" if _TEN_DIGITS.fullmatch(digits) else digits


def _plain(text: str) -> str:
    """Return the text in the characters of a keyboard: what only looks like a blank, a dash or a digit becomes one.

    Invisible characters come along with copying, and are left out; they are no part of a number.
    """
    spaced = "".join(" " if unicodedata.category(each) == "Zs" else each for each in text)
    visible = "".join(each for each in spaced if unicodedata.category(each) != "Cf")
    return visible.translate(_DASHES | _FULL_WIDTH).strip()


def _short_code_warning(digits: str) -> str:
    if digits[0] in "01":
        return (
            f"{digits} begins with {digits[0]}, and short codes begin with 2 to 9. Is it right? It is taken as it is."
        )
    return ""
