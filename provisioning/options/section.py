"""How an option stands in a file of set-ups: its keys, each with the guide's variable that its wizard asks for.

The wizard's own forms check the values. A key adds only what a file has and a form has not, such as a line of its own
for each item of a list.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any


class Takes(Enum):
    """What stands behind a key."""

    TEXT = auto()
    LIST = auto()
    MAPPING = auto()


def as_it_is(value: Any) -> Any:
    """Change nothing."""
    return value


def nothing_wrong(item: Any, earlier: Sequence[Any]) -> str:  # noqa: ARG001 - the shape of all of them
    """Find nothing wrong with an item."""
    return ""


@dataclass(frozen=True)
class Key:
    """One key of an option's section.

    `variable` is the form's field. `secret` makes it one, and names it in an export (`${ACME_secret}`); `is_word` says
    that a literal needs no warning all the same. `free_text` may hold any character, so only quotes tell where it ends.
    Items of a list, and pairs of a mapping, are checked one by one by `each`, which gets those before it too. `to_form`
    gives the form what it takes; `to_file` makes the file's value of all answers where that is not simply the
    variable's, None leaves the key out.
    """

    name: str
    variable: str
    required: bool = True
    secret: str = ""
    is_word: bool = False
    free_text: bool = False
    takes: Takes = Takes.TEXT
    each: Callable[[Any, Sequence[Any]], str] = nothing_wrong
    to_form: Callable[[Any], Any] = as_it_is
    to_file: Callable[[Mapping[str, Any]], Any] | None = None

    def in_file(self, answers: Mapping[str, Any]) -> Any:
        """Return what an export writes for these answers; None or nothing leaves the key out."""
        return self.to_file(answers) if self.to_file else answers.get(self.variable)


@dataclass(frozen=True)
class Section:
    """All keys of an option.

    `sender_variable` is the field, if there is one, in which the wizard asks for the number of a sender ID; in a file
    that number stands in `sender_ids`.
    """

    keys: tuple[Key, ...]
    sender_variable: str = ""

    def by_variable(self) -> dict[str, Key]:
        """Return the keys by the field that each fills."""
        return {key.variable: key for key in self.keys}


#: An option that files cannot speak of yet.
NO_SECTION = Section(keys=())
