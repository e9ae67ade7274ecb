"""Pseudonymisation of events: personal texts in a reason, label or change are replaced by a commitment.

Chained bytes can never be erased. So `recording` replaces each e-mail address that it finds, wherever it comes from (a
message, a form field, a URL, a reason that somebody typed), by a reference to its commitment, and stores the text
beside the chain. Mark other personal values where they are recorded: `{"name": [None, Personal(name)]}`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final
from urllib.parse import unquote

from portal.audit.verifier.verify import REFERENCE

_ADDRESS: Final = re.compile(
    r"\w[^\s@<>\"()\[\],;:=&?/\\{}|]{0,255}(?:@|%40)(?:\[[0-9A-Fa-f:.]+\]|\w[\w-]*(?:\.\w[\w-]*)*)", re.IGNORECASE
)
#: The start of a reference; in text that people type it is replaced, so that nobody can forge one.
_MARK: Final = "[personal:"
_FORGED: Final = "(personal:"
#: Length limit of a personal text.
_LONGEST: Final = 320


class Personal(str):
    """A value of a change that is personal as a whole, such as the name of a passkey."""

    __slots__ = ()


def concerns(*values: Any) -> bool:
    """Return whether any of these values needs replacement; rarely true, so the test is fast."""
    return any(isinstance(text, Personal) or "@" in text or "%40" in text or _MARK in text for text in _strings(values))


def texts_in(*values: Any) -> set[str]:
    """Return the personal texts in these values, normalised as they are stored."""
    found: set[str] = set()
    for text in _strings(values):
        if isinstance(text, Personal):
            found.add(_normal(text))
        else:
            found.update(map(_normal, _ADDRESS.findall(text)))
    return found - {""}


def hidden(value: Any, commitments: Mapping[str, str]) -> Any:
    """Return the value with a reference in place of each personal text."""
    if isinstance(value, Personal):
        return _reference(value, commitments) if value else str(value)
    if isinstance(value, str):
        return _ADDRESS.sub(lambda match: _reference(match[0], commitments), value.replace(_MARK, _FORGED))
    if isinstance(value, Mapping):
        return {key: hidden(each, commitments) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [hidden(each, commitments) for each in value]
    return value


def commitments_in(canonical: bytes) -> set[str]:
    """Return the commitments that an event's bytes refer to inside texts."""
    return set(REFERENCE.findall(canonical.decode(errors="replace"))) if _MARK.encode() in canonical else set()


def shown(value: Any, texts: Mapping[str, str], otherwise: str) -> Any:
    """Return the value with references replaced by known texts, and by `otherwise` if the text is unknown."""
    if isinstance(value, str):
        return REFERENCE.sub(lambda match: texts.get(match[1], otherwise), value)
    if isinstance(value, Mapping):
        return {key: shown(each, texts, otherwise) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [shown(each, texts, otherwise) for each in value]
    return value


def spellings(text: str) -> tuple[str, ...]:
    """Return the forms in which a text may be stored, the given one first."""
    return tuple(dict.fromkeys((text, _normal(text))))


def _strings(values: Iterable[Any]) -> Iterator[str]:
    for value in values:
        if isinstance(value, str):
            yield value
        elif isinstance(value, Mapping):
            yield from _strings(value.values())
        elif isinstance(value, list | tuple):
            yield from _strings(value)


def _reference(text: str, commitments: Mapping[str, str]) -> str:
    return f"{_MARK}{commitments[_normal(text)]}]"


def _normal(text: str) -> str:
    """Return an address in lower case and without URL escapes; other texts stay unchanged."""
    found = _ADDRESS.fullmatch(text)
    return (unquote(text).lower() if found else str(text))[:_LONGEST]
