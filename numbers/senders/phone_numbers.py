"""Phone numbers: validation, and the one form in which numbers are stored and compared.

Short codes have 5 digits (6 are in use too), long codes 10, or 11 with the leading 1 (guide, options 1 and 2). A long
code is stored with its leading 1, for example `18445551212`, so that both ways to type it are the same number. Apart
from that 1, the digits are stored as typed. Punctuation is accepted only in long codes, and only between the groups of
digits, because dates and addresses have digits too.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from django.core.exceptions import ValidationError

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


_ONE_NUMBER = re.compile(r"[0-9]{5,6}|\+?1?[2-9][0-9]{9}|\+?1?[ .-]?\(?[2-9][0-9]{2}\)?[ .-]?[0-9]{3}[ .-]?[0-9]{4}")

_BETWEEN_NUMBERS = re.compile(r"\s*(?:[\n\r\t,;|&/]|\band\b|\bor\b)\s*")

_GROUPED = re.compile(r"(?:1[-./ ])?(?:[0-9]{3}[-./ ]|\([0-9]{3}\) ?)[0-9]{3}[-./ ][0-9]{4}")


Test = Callable[[str], object]


#: Every valid number is shorter; the patterns below are slow for very long texts.
_LONGEST = 200


def reason_against(text: str) -> str:
    """Return the likeliest reason why a text is not a number; empty for an empty text."""
    if len(text) > _LONGEST:
        return f"This is too long for a phone number ({len(text):,} characters)."
    return next((sentence for test, sentence in _REASONS if test(text)), "") or _last_reason(text)


def _several(text: str) -> bool:
    """Return whether the text has several numbers, each valid by itself."""
    for pieces in (_BETWEEN_NUMBERS.split(text), text.split()):
        numbers = [piece for piece in pieces if piece]
        if len(numbers) > 1 and all(_ONE_NUMBER.fullmatch(piece) for piece in numbers):
            return True
    return False


def _is(pattern: str) -> Test:
    return re.compile(pattern, re.IGNORECASE).fullmatch


def _holds(pattern: str) -> Test:
    return re.compile(pattern, re.IGNORECASE).search


_DAY = r"(?:[0-9]{1,2}([-./])[0-9]{1,2}\1[0-9]{2,4}|[0-9]{4}([-./])[0-9]{1,2}\2[0-9]{1,2})(?:[ t].*)?"

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)"
)

_QUOTE = r"[\"'`\u00b4\u2018\u2019\u201c\u201d]"

_REASONS: tuple[tuple[Test, str], ...] = (
    (_several, "More than one number stands here; enter each by itself."),
    (
        _is(r"[-+]?[0-9][0-9., ]*[.,]0+"),
        "This ends in .0: a spreadsheet changed it. Format the column as text, and enter the number again.",
    ),
    (
        _is(r"[-+]?[0-9]+(?:[.,][0-9]*)?e[-+]?[0-9]+"),
        "This has an exponent: a spreadsheet changed it, and digits may be lost. Format the column as text.",
    ),
    (
        _is(r"[-+]?[0-9]{1,3}(?:[,'\u2019][0-9]{3})+"),
        "The digits are grouped as those of an amount: a spreadsheet changed it.",
    ),
    (
        _is(rf"=.*|{_QUOTE}.*|.*{_QUOTE}"),
        "A quotation mark or a formula stands around this, as spreadsheets write it. Leave it out.",
    ),
    (
        _is(rf"{_DAY}|.*\b{_MONTH}\b.*|[0-9]{{1,2}}/[0-9]{{1,4}}|[0-9]{{4}}[-/][0-9]{{1,2}}"),
        "This looks like a date. If a spreadsheet made it of a number, format the column as text, and enter it again.",
    ),
    (_is(r"[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?"), "This is a time and no phone number."),
    (_is(r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?:[:/][0-9]+)?"), "This is an IP address and no phone number."),
    (_holds(r"https?:|@|(?:[0-9a-f]*:){2}"), "This is an address of another kind and no phone number."),
    (_holds(r"\b(?:tel|sms|fax|phone)\b"), "Leave out the word before the number."),
    (
        _holds(r"[0-9]{4}\s*[,;]?\s*(?:x|ext\.?|extension|#|;ext=)\s*[0-9]+"),
        "Leave out the extension: an SMS goes to a number, and not to a telephone behind it.",
    ),
    (_is(r"\+.*"), "After + stand 1 and ten digits: only numbers of North America (+1) are taken."),
    (
        _is(r"(?:00|011)[ .-]?[0-9(][0-9 ().\-/]{6,}"),
        "Leave out 00 or 011, and begin with 1 or the area code: only numbers of North America (+1) are taken.",
    ),
    (_is(r"-.*|\(\s*[0-9]+(?:[.,][0-9]+)?\s*\)"), "This looks like a negative amount."),
)


def _last_reason(text: str) -> str:
    if odd := re.search(r"[^0-9 ().\-/]", text):
        return _of_character(odd.group())
    digits = re.sub(r"[^0-9]", "", text)
    if digits != text and not _GROUPED.fullmatch(text):
        return "Blanks, dots, dashes and brackets are taken in long codes only, as in +1 (650) 466-1140."
    if re.fullmatch(r"1?[0-9]{10}", digits):
        return "In North America the area code and the three digits after it begin with 2 to 9."
    return f"This has {len(digits)} digit{'' if len(digits) == 1 else 's'}." if digits else ""


def _of_character(odd: str) -> str:
    if odd.isdecimal():
        return f"Write the digits as 0 to 9, and not as {odd}."
    if odd.isalpha():
        return f"A number has digits only; here stands the letter {odd}."
    name = odd if odd.isprintable() else "the line break or tab" if odd in "\n\r\t\v\f" else "the control character"
    return f"A number has digits only; leave out {name}."
