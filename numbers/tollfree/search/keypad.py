"""Letters and the keypad's digits."""

import string
from collections.abc import Iterator

#: `{"A": "2", …}`
KEYPAD = dict(zip(string.ascii_uppercase, "22233344455566677778889999", strict=True))
_TABLE = str.maketrans(KEYPAD)
#: Where a number is cut for people: +1 844 555 1212.
_CUTS = frozenset({1, 4, 7})


def digits_of(text: str) -> str:
    """`call4me` -> `2255463`: the keys on which the letters stand; digits, and anything else, stay as they are."""
    return text.upper().translate(_TABLE)


def marked(number: str, vanity: str) -> list[tuple[str, bool]]:
    """Cut a number into pieces for a page, each with whether it belongs to the letters that were searched for.

    `18442225563` and `CALLME` give `[("+1 844 2", False), ("22 5563", True)]`; where the letters match twice, the later
    ones count.
    """
    begin, end = _match(number, vanity)
    pieces = [(_shown(number, 0, begin), False), (_shown(number, begin, end), True)]
    pieces.append((_shown(number, end, len(number)), False))
    return [piece for piece in pieces if piece[0]]


def spelled(number: str, vanity: str) -> str:
    """`18442225563` with `callme` -> `+1 844 2CALLME`; empty if it does not match, or if there is no letter in it."""
    begin, end = _match(number, vanity)
    if begin == end or vanity.isdecimal():
        return ""
    return _shown(number, 0, begin) + vanity.upper() + _shown(number, end, len(number))


def _match(number: str, vanity: str) -> tuple[int, int]:
    digits = digits_of(vanity)
    begin = number.rfind(digits) if digits else -1
    return (begin, begin + len(digits)) if begin >= 0 else (len(number), len(number))


def _shown(number: str, begin: int, end: int) -> str:
    """Return a part of a number with its + and its spaces, which stand before the digit that they precede."""
    return "".join(_letters(number, begin, end))


def _letters(number: str, begin: int, end: int) -> Iterator[str]:
    for place in range(begin, end):
        yield "+" if place == 0 else " " if place in _CUTS else ""
        yield number[place]
