"""History sentences for changes of sender IDs."""

from collections.abc import Mapping
from typing import Any

from portal.audit.verbs import Verb
from portal.history import sentences
from portal.ui.labels import phone_words


def register() -> None:
    """Register the sentences with the history."""
    sentences.register(Verb.SENDER_CHANGED, _changed)


def _changed(body: Mapping[str, Any]) -> list[str]:
    """Return sentences for changes of provider and number; other fields use the default sentences."""
    changes = dict(body["changes"])
    number = phone_words(body["target"]["label"])
    told = []
    if (pair := changes.pop("provider", None)) and all(pair):
        told.append(f"{number} moved from {pair[0]} to {pair[1]}")
    if (pair := changes.pop("number", None)) and all(pair):
        told.append(f"{phone_words(pair[0])} became {phone_words(pair[1])}")
    return [*told, *sentences.usual({"changes": changes})]
