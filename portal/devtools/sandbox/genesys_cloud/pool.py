"""Pool of toll-free numbers that can be bought; the same seed gives the same numbers."""

import random
import re
from functools import lru_cache
from typing import Final

PREFIXES: Final = ("800", "833", "844", "855", "866", "877", "888")
NUMBER: Final = re.compile(r"1(?:800|833|844|855|866|877|888)[2-9][0-9]{6}")
_KEYPAD: Final = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "22233344455566677778889999")
_VANITY: Final = re.compile(r"[A-Za-z0-9]{4,7}")
_LOCAL_DIGITS: Final = 7


def digits(vanity: str) -> str | None:
    """Return the keypad digits of 4 to 7 letters or digits; None for anything else."""
    return vanity.upper().translate(_KEYPAD) if _VANITY.fullmatch(vanity) else None


@lru_cache(maxsize=64)
def numbers(seed: int, size: int, ending: str = "") -> tuple[str, ...]:
    """Return up to `size` numbers that end with `ending`, in an order that depends only on the seed and the ending."""
    dice = random.Random(f"{seed}:{ending}")  # noqa: S311 - it must be repeatable
    return _with_ending(dice, size, ending) if ending else _any(dice, size)


def _any(dice: random.Random, size: int) -> tuple[str, ...]:
    found: dict[str, None] = {}  # an ordered set
    while len(found) < size:
        found[f"1{dice.choice(PREFIXES)}{dice.randrange(2_000_000, 10_000_000)}"] = None
    return tuple(found)


def _with_ending(dice: random.Random, size: int, ending: str) -> tuple[str, ...]:
    free = _LOCAL_DIGITS - len(ending)
    fills = [f"{fill:0{free}}" for fill in range(10**free)] if free else [""]
    everything = [f"1{prefix}{fill}{ending}" for prefix in PREFIXES for fill in fills]
    possible = [number for number in everything if NUMBER.fullmatch(number)]
    dice.shuffle(possible)
    return tuple(possible[:size])
