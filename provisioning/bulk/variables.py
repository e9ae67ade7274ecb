"""Variables in values: `${NAME}` is replaced from the environment, `$${` is a literal `${`."""

import re
from collections.abc import Mapping

_NAME = r"[A-Za-z_][A-Za-z0-9_]*"
_REFERENCE = re.compile(r"\$\$\{|\$\{(?P<name>[^{}]*)\}|\$\{")
_GOOD_NAME = re.compile(_NAME)


class VariableMissing(LookupError):
    """A variable that the environment does not have, or an invalid name; the text is a message for people."""


def resolve(text: str, environment: Mapping[str, str]) -> str:
    """Return the text with its variables replaced. Raises VariableMissing."""

    def value(found: re.Match[str]) -> str:
        if found.group() == "$${":
            return "${"
        name = found["name"] or ""
        if not _GOOD_NAME.fullmatch(name):
            raise VariableMissing("After ${ a variable's name and } are missing. For a plain ${ write $${.")
        if not environment.get(name):
            state = "is empty" if name in environment else "is not set"
            raise VariableMissing(f"The variable {name} {state} in the environment.")
        return environment[name]

    return _REFERENCE.sub(value, text)


def escaped(text: str) -> str:
    """Escape a text so that `resolve` returns it unchanged."""
    return text.replace("${", "$${")


def is_one_variable(text: str) -> bool:
    """Return whether the text is exactly one variable."""
    return bool((found := _REFERENCE.fullmatch(text)) and found["name"])


def holds_a_variable(text: str) -> bool:
    """Return whether the value comes from the environment, at least in part."""
    return any(found.group() != "$${" for found in _REFERENCE.finditer(text))
