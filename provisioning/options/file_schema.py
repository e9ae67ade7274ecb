"""File schema: the keys of an option in a file of set-ups, each mapped to a field of its wizard.

The wizard's forms validate the values. A key adds only what a file has beyond a form, such as an error for each item of
a list.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any


class FieldKind(Enum):
    """The kind of value that a key takes."""

    TEXT = auto()
    LIST = auto()
    MAPPING = auto()


def as_it_is(value: Any) -> Any:
    """Return the value unchanged."""
    return value


def nothing_wrong(item: Any, earlier: Sequence[Any]) -> str:  # noqa: ARG001 - the signature of all item checks
    """Return no problem."""
    return ""


@dataclass(frozen=True)
class FileField:
    """One key of an option's section.

    - `variable`: the form's field.
    - `secret`: makes the value a secret, and names it in an export (`${ACME_secret}`).
    - `is_word`: a literal secret needs no warning.
    - `free_text`: the value may hold any character, so only quotes show where it ends.
    - `each`: checks one item of a list or pair of a mapping, given those before it.
    - `to_form`: converts the value for the form.
    - `to_file`: computes the value for the file from all answers, where that is not simply the variable's answer. None
      leaves the key out.
    """

    name: str
    variable: str
    required: bool = True
    secret: str = ""
    is_word: bool = False
    free_text: bool = False
    takes: FieldKind = FieldKind.TEXT
    each: Callable[[Any, Sequence[Any]], str] = nothing_wrong
    to_form: Callable[[Any], Any] = as_it_is
    to_file: Callable[[Mapping[str, Any]], Any] | None = None

    def in_file(self, answers: Mapping[str, Any]) -> Any:
        """Return the value that an export writes for these answers; an empty one leaves the key out."""
        return self.to_file(answers) if self.to_file else answers.get(self.variable)


@dataclass(frozen=True)
class FileSchema:
    """All keys of an option.

    `sender_variable` is the field in which the wizard asks for a sender ID's number, if it does. A file has that number
    in `sender_ids`.
    """

    keys: tuple[FileField, ...]
    sender_variable: str = ""

    def by_variable(self) -> dict[str, FileField]:
        """Return the keys by form field."""
        return {key.variable: key for key in self.keys}


#: For an option that files do not support yet.
NO_FILE_SCHEMA = FileSchema(keys=())
