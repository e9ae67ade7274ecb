"""Settings classes: frozen dataclasses with validated fields that can be changed at run time."""

from collections.abc import Callable
from dataclasses import field, fields, replace
from typing import Any, NamedTuple, TypeVar

S = TypeVar("S")


class Check(NamedTuple):
    """The check of a value: its description and its test."""

    words: str
    holds: Callable[[object], bool]


def setting(default: object, check: Check) -> Any:
    """Return a field with its default and its check."""
    return field(default=default, metadata={"check": check})


def changed(settings: S, changes: object) -> S:
    """Return the settings with all of these changes. Raises `ValueError` with a message and changes nothing."""
    checks: dict[str, Check] = {each.name: each.metadata["check"] for each in fields(settings)}  # type: ignore[arg-type]  # S is one of our dataclasses
    if not isinstance(changes, dict) or changes.keys() - checks.keys():
        raise ValueError(f"Settings are an object with any of {', '.join(checks)}.")
    for name, value in changes.items():
        if not checks[name].holds(value):
            raise ValueError(f"{name} must be {checks[name].words}.")
    return replace(settings, **changes)  # type: ignore[type-var]  # the same


def number(least: float = 0) -> Check:
    """Check for a number of at least `least`."""
    return Check(f"a number of at least {least:g}", lambda value: _is_number(value, int | float, least))


def whole(least: int = 0) -> Check:
    """Check for a whole number of at least `least`."""
    return Check(f"a whole number of at least {least}", lambda value: _is_number(value, int, least))


def _is_number(value: object, kind: Any, least: float) -> bool:
    return isinstance(value, kind) and not isinstance(value, bool) and value >= least


def one_of(*values: object) -> Check:
    """Check for one of these values, of the same type."""
    words = " or ".join(str(value) for value in values)
    return Check(words, lambda value: any(type(value) is type(each) and value == each for each in values))


def optional(check: Check) -> Check:
    """Also accept null."""
    return Check(f"{check.words} or null", lambda value: value is None or check.holds(value))


FLAG = Check("true or false", lambda value: isinstance(value, bool))
TEXT = Check("text", lambda value: isinstance(value, str))
WORDS = Check(
    "a list of texts that is not empty",
    lambda value: isinstance(value, list) and bool(value) and all(isinstance(each, str) for each in value),
)
TEXTS_BY_NAME = Check(
    "an object of texts",
    lambda value: isinstance(value, dict) and all(isinstance(each, str) for each in value.values()),
)
