"""Verbs by what a reader looks for, and those that deserve a look before all others."""

from portal.audit.verbs import Verb

#: The first part of a verb, in words; a new first part needs a line here, or stands under its own name.
_WORDS = {
    "person": "People and sign-ins",
    "role": "Roles",
    "tenant": "Tenants",
    "credential": "Credentials",
    "keys": "Keys of the vault",
    "sender": "Sender IDs",
    "setup": "Set-ups",
    "rehearsal": "Rehearsals",
    "connection": "Connections",
    "request": "Requests to the representative",
    "cluster_key": "Keys of the cluster",
    "checklist": "Checklists",
    "service": "Services",
    "call": "Requests to other systems",
    "history": "Downloads of the history",
    "checkpoint": "Downloads of checkpoints",
    "order": "Orders",
    "number": "Numbers",
    "session": "Sign-ins",
}

#: What an auditor asks about first: verbs that hold one of these words.
_UNUSUAL = frozenset(
    {
        *("refused", "revealed", "released", "reviewed", "review", "failed", "locked", "exported", "rotated", "erased"),
        *("role", "keys"),
    }
)
UNUSUAL = "unusual"


def group_of(verb: str) -> str:
    """Return the first part of a verb."""
    return verb.partition(".")[0]


def words_for(group: str) -> str:
    """Return what a group is called on pages."""
    return _WORDS.get(group, group.replace("_", " ").capitalize())


def groups() -> list[tuple[str, str]]:
    """Return key and words of every group that has a verb, in order of the words."""
    keys = {group_of(verb) for verb in Verb.values}
    return sorted(((key, words_for(key)) for key in keys), key=lambda pair: pair[1])


def is_unusual(verb: str) -> bool:
    """Say whether this deserves a look before all else."""
    return not _UNUSUAL.isdisjoint(verb.replace(".", "_").split("_"))


def verbs_of(kind: str) -> tuple[str, ...]:
    """Return the verbs of a group, or the unusual ones; none for a kind that there is not."""
    if kind == UNUSUAL:
        return tuple(verb for verb in Verb.values if is_unusual(verb))
    return tuple(verb for verb in Verb.values if group_of(verb) == kind)
