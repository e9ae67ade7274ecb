"""Phone numbers: validation, and the one form in which numbers are stored and compared.

Short codes have 5 digits (6 are in use too), long codes 10, or 11 with the leading 1 (guide, options 1 and 2). A long
code is stored with its leading 1, for example `18445551212`, so that both ways to type it are the same number. Apart
from that 1, the digits are stored as typed. Punctuation is accepted only in long codes, and only between the groups of
digits, because dates and addresses have digits too.
"""

import re
import unicodedata
from dataclasses import dataclass

from django.core.exceptions import ValidationError

from senders.number_refusals import reason_against

#: The longest accepted input; much longer than any number, so that the error can explain what is wrong.
LONGEST_TYPED = 200
WANTED = "Enter a short code (5 or 6 digits) or a long code (10 digits, or 11 with the leading 1)."
_TOLL_FREE = re.compile(r"1?(800|833|844|855|866|877|888)[2-9][0-9]{6}")
_SHORT_CODE = re.compile(r"[0-9]{5,6}")
_TEN_DIGITS = re.compile(r"[2-9][0-9]{2}[2-9][0-9]{6}")
# The guide's own example, 1650466114, is one digit short of 1 + 10: it is accepted with a warning.
_ONE_DIGIT_SHORT = re.compile(r"1[0-9]{9}")
_BETWEEN = r"(?: ?[-./] ?| )"
#: `6504661140`, `650-466-1140`, `(650) 466-1140`; optionally after 1 or +1.
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
    """A number in its stored form, and an optional warning."""

    digits: str
    warning: str = ""


def parse(text: str) -> SenderNumber:
    """Return the number that a user entered; raises ValidationError."""
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
    """Return whether the number has a toll-free area code."""
    return bool(_TOLL_FREE.fullmatch(digits))


def kind_of(digits: str) -> str:
    """Return the kind of number, for display."""
    if is_toll_free(digits):
        return "toll-free number"
    return "short code" if _SHORT_CODE.fullmatch(digits) else "long code"


def with_country_code(digits: str) -> str:
    """Return the stored form of a number from another system: a long code gets its leading 1."""
    return f"1{digits}" if _TEN_DIGITS.fullmatch(digits) else digits


def _plain(text: str) -> str:
    """Return the text with ASCII spaces, dashes and digits instead of their Unicode lookalikes.

    Invisible characters, which come with copying, are removed.
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
