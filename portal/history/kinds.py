"""Verbs by what a reader looks for; what each verb is stands at the verb itself, in `portal.audit.verbs`."""

from portal.audit.attributes import EventKind
from portal.audit.verbs import Verb, known

#: In the place of a kind: what an auditor asks about first.
UNUSUAL = "unusual"


def kind_of(verb: str) -> str:
    """Return the kind of a verb; one that this release does not know is a kind of its own."""
    found = known(verb)
    return found.kind.value if found else verb


def words_for(kind: str) -> str:
    """Return what a kind is called on pages."""
    return str(EventKind(kind).label) if kind in EventKind.values else kind


def choices() -> list[tuple[str, str]]:
    """Return key and words of every kind, in order of the words."""
    return sorted(((kind.value, str(kind.label)) for kind in EventKind), key=lambda pair: pair[1])


def is_unusual(verb: str) -> bool:
    """Say whether this deserves a look before all else."""
    found = known(verb)
    return found is not None and found.is_unusual


def verbs_of(kind: str) -> tuple[str, ...]:
    """Return the verbs of a kind, or the unusual ones; none for a kind that there is not."""
    if kind == UNUSUAL:
        return tuple(verb.value for verb in Verb if verb.is_unusual)
    return tuple(verb.value for verb in Verb if verb.kind == kind)
