"""Personal texts inside a line: an address in a reason, a label or a change stands in the chain as its commitment only.

Chained bytes stay for ever, so what must be erasable is never among them: `recording` replaces each e-mail address that
it finds, however it came there (a sentence, a form's field, a URL, what somebody typed as a reason), by a reference to
its commitment, and remembers the text beside the chain. What is no address and personal all the same is marked by who
records it: `{"name": [None, Personal(name)]}`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final
from urllib.parse import unquote

#: How a commitment is written inside a text.
_REFERENCE: Final = re.compile(r"\[personal:([0-9a-f]{64})\]")
_ADDRESS: Final = re.compile(
    r"\w[^\s@<>\"()\[\],;:=&?/\\{}|]{0,255}(?:@|%40)(?:\[[0-9A-Fa-f:.]+\]|\w[\w-]*(?:\.\w[\w-]*)*)", re.IGNORECASE
)
#: What begins a reference; in a text that somebody typed it is written otherwise, so that nobody can forge one.
_MARK: Final = "[personal:"
_FORGED: Final = "(personal:"
#: As long as a text beside the chain can be.
_LONGEST: Final = 320


class Personal(str):
    """A value of a change that is personal as a whole, like the name that somebody gave their passkey."""

    __slots__ = ()


def concerns(*values: Any) -> bool:
    """Say whether something in these values cannot stand in the chain as it is; nearly never, and quickly."""
    return any(isinstance(text, Personal) or "@" in text or "%40" in text or _MARK in text for text in _strings(values))


def texts_in(*values: Any) -> set[str]:
    """Return the personal texts in these values, each in the one form in which it is remembered."""
    found: set[str] = set()
    for text in _strings(values):
        if isinstance(text, Personal):
            found.add(_normal(text))
        else:
            found.update(map(_normal, _ADDRESS.findall(text)))
    return found - {""}


def hidden(value: Any, commitments: Mapping[str, str]) -> Any:
    """Return the value with a reference in the place of each personal text."""
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
    """Return the commitments to which an event's bytes refer inside its texts."""
    return set(_REFERENCE.findall(canonical.decode(errors="replace"))) if _MARK.encode() in canonical else set()


def shown(value: Any, texts: Mapping[str, str], otherwise: str) -> Any:
    """Return the value with the texts that are known in the place of references, and `otherwise` of the others."""
    if isinstance(value, str):
        return _REFERENCE.sub(lambda match: texts.get(match[1], otherwise), value)
    if isinstance(value, Mapping):
        return {key: shown(each, texts, otherwise) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [shown(each, texts, otherwise) for each in value]
    return value


def spellings(text: str) -> tuple[str, ...]:
    """Return the forms in which a text may be remembered, the one that was given first."""
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
    """Return an address in lower case and without the escapes of a URL; other texts stay as they are."""
    found = _ADDRESS.fullmatch(text)
    return (unquote(text).lower() if found else str(text))[:_LONGEST]
