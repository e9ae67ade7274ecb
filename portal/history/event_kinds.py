"""Kinds of events as filters; the kind of each verb is defined in `portal.audit.verbs`."""

from portal.audit.attributes import EventKind
from portal.audit.verbs import Verb, known

#: Value of the kind filter for events that an auditor should look at first.
UNUSUAL = "unusual"


def kind_of(verb: str) -> str:
    """Return the kind of a verb; a verb that this release does not know is its own kind."""
    found = known(verb)
    return found.kind.value if found else verb


def words_for(kind: str) -> str:
    """Return the label of a kind."""
    return str(EventKind(kind).label) if kind in EventKind.values else kind


def choices() -> list[tuple[str, str]]:
    """Return value and label of every kind, sorted by label."""
    return sorted(((kind.value, str(kind.label)) for kind in EventKind), key=lambda pair: pair[1])


def is_unusual(verb: str) -> bool:
    """Return whether an auditor should look at this verb first."""
    found = known(verb)
    return found is not None and found.is_unusual


def verbs_of(kind: str) -> tuple[str, ...]:
    """Return the verbs of a kind, or the unusual ones; empty for an unknown kind."""
    if kind == UNUSUAL:
        return tuple(verb.value for verb in Verb if verb.is_unusual)
    return tuple(verb.value for verb in Verb if verb.kind == kind)
