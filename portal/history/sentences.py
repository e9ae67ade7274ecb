"""Change descriptions: sentences for an event's changes. Apps register their own for their verbs in `AppConfig.ready`.

sentences.register(Verb.SENDER_CHANGED, maker)     # (body of the event) -> sentences, or [] for the default ones
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from portal.core.isolation import alone

Body = Mapping[str, Any]
Maker = Callable[[Body], Sequence[str]]

_makers: dict[str, Maker] = {}
_LONGEST = 200


def register(verb: str, maker: Maker) -> None:
    """Register the maker for the verb."""
    _makers[str(verb)] = maker


def sentences(body: Body) -> list[str]:
    """Return sentences for an event's changes; empty if it changed no field."""
    maker = _makers.get(body["verb"])
    told = alone(f"sentences of {body['verb']}", lambda: list(maker(body)), []) if maker else []
    return told or usual(body)


def usual(body: Body) -> list[str]:
    """Return the default: one sentence for each field."""
    return [_sentence(name.replace("_", " "), *_pair(pair)) for name, pair in body["changes"].items()]


def _pair(pair: Any) -> tuple[Any, Any]:
    """Return before and after; tampered bytes may contain anything."""
    return (pair[0], pair[1]) if isinstance(pair, list) and len(pair) == 2 else (None, pair)  # noqa: PLR2004 - a pair


def _sentence(name: str, before: Any, after: Any) -> str:
    if before is None:
        return f"{name}: {shown(after)}"
    if after is None:
        return f"{name} was {shown(before)} and is gone"
    return f"{name}: {shown(before)} → {shown(after)}"


def shown(value: Any) -> str:
    """Return a value as text, cut if it is long; the event's own page shows all of it."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(shown, value)) or "nothing"
    text = str(value) or "nothing"
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
