"""Phone keypad: maps letters to digits, and marks the part of a number that matches a vanity text."""

import string
from collections.abc import Iterator

#: `{"A": "2", …}`
KEYPAD = dict(zip(string.ascii_uppercase, "22233344455566677778889999", strict=True))
_TABLE = str.maketrans(KEYPAD)
#: Where spaces are inserted for display: +1 844 555 1212.
_CUTS = frozenset({1, 4, 7})


def digits_of(text: str) -> str:
    """`call4me` -> `2255463`: replace letters by the digits of their keys; other characters stay."""
    return text.upper().translate(_TABLE)


def marked(number: str, vanity: str) -> list[tuple[str, bool]]:
    """Split a number into pieces for display, each with a flag that says whether it matches the vanity text.

    `18442225563` and `CALLME` give `[("+1 844 2", False), ("22 5563", True)]`; of two matches the later one counts.
    """
    begin, end = _match(number, vanity)
    pieces = [(_shown(number, 0, begin), False), (_shown(number, begin, end), True)]
    pieces.append((_shown(number, end, len(number)), False))
    return [piece for piece in pieces if piece[0]]


def spelled(number: str, vanity: str) -> str:
    """`18442225563` with `callme` -> `+1 844 2CALLME`; empty without a match or without letters."""
    begin, end = _match(number, vanity)
    if begin == end or vanity.isdecimal():
        return ""
    return _shown(number, 0, begin) + vanity.upper() + _shown(number, end, len(number))


def _match(number: str, vanity: str) -> tuple[int, int]:
    digits = digits_of(vanity)
    begin = number.rfind(digits) if digits else -1
    return (begin, begin + len(digits)) if begin >= 0 else (len(number), len(number))


def _shown(number: str, begin: int, end: int) -> str:
    """Return part of a number with its + and its spaces; each space belongs to the digit after it."""
    return "".join(_letters(number, begin, end))


def _letters(number: str, begin: int, end: int) -> Iterator[str]:
    for place in range(begin, end):
        yield "+" if place == 0 else " " if place in _CUTS else ""
        yield number[place]
