"""Ambiguous scalars: unquoted values that YAML would read as something other than text."""

import re

_TRAPS = (
    (re.compile(r"~|null|Null|NULL|"), "Nothing stands here. Enter a value, or leave the key out."),
    (
        re.compile(r"y|n|yes|no|on|off|true|false", re.IGNORECASE),
        "YAML reads this as true or false. If it is text, put it into quotes.",
    ),
    (
        re.compile(
            r"[-+]?(\d[\d_]*)?\.\d[\d_]*([eE][-+]?\d+)?|[-+]?\d[\d_]*\.?([eE][-+]?\d+)|[-+]?\d+\.|[-+]?\.inf|\.nan",
            re.IGNORECASE,
        ),
        "This is a number with a fraction or an exponent. Put it into quotes, digit for digit.",
    ),
    (
        re.compile(
            r"[-+]?0[0-7_]+|[-+]?0[0-9]+|[-+]?0[xXbBoO][0-9a-fA-F_]+|[-+]?\d[\d_]*_[\d_]*|[-+]?\d[\d_]*(:[0-5]?\d)+(\.[\d_]*)?"
        ),
        "YAML reads this as a number of another kind (octal, hexadecimal, base 60). Put it into quotes.",
    ),
    (
        re.compile(r"\d{4}-\d{1,2}-\d{1,2}([Tt ].*)?"),
        "YAML reads this as a date. If it is text, put it into quotes.",
    ),
)


def trap_in(plain: str) -> str:
    """Return what is wrong with an unquoted value, or an empty string; the message never quotes the value."""
    return next((sentence for pattern, sentence in _TRAPS if pattern.fullmatch(plain)), "")
