"""Value readers: extract text from the tree, and report traps and form errors at their places in the file."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from provisioning.apply import reading, variables
from provisioning.apply.problems import Problem
from provisioning.apply.reading import Broken, Listing, Node, Scalar, shown_key
from provisioning.apply.words import trap_in
from provisioning.options.section import Key, Takes


@dataclass
class Findings:
    """Problems and warnings about the file."""

    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)

    def tell(self, node: Node, *sentences: str) -> None:
        """Add problems at a place."""
        self.problems += [Problem(node.line, node.path, sentence) for sentence in sentences]

    def warn(self, node: Node, *sentences: str) -> None:
        """Add warnings at a place."""
        self.warnings += [Problem(node.line, node.path, sentence) for sentence in sentences]


@dataclass
class Place:
    """A mapping that is being read: its values by variable. `told` has variables with a reported problem."""

    node: reading.Mapping
    values: dict[str, Any] = field(default_factory=dict, repr=False)
    told: set[str] = field(default_factory=set)

    def at(self, key: str) -> Node:
        """Return the node of a key, or the mapping if the key is missing."""
        return self.node.items.get(key, self.node)


@dataclass(frozen=True)
class Values:
    """Reads values and adds problems to `findings`."""

    findings: Findings
    environment: Mapping[str, str] = field(repr=False)

    def mapping(self, node: Node, otherwise: str) -> reading.Mapping | None:
        """Return the mapping, or None after reporting what is expected."""
        if isinstance(node, reading.Mapping):
            return node
        self._tell_unless_broken(node, otherwise)
        return None

    def listing(self, node: Node, otherwise: str) -> list[Node] | None:
        """Return the items of a list, or None after reporting what is expected."""
        if isinstance(node, Listing):
            return node.items
        self._tell_unless_broken(node, otherwise)
        return None

    def refuse_unknown(self, mapping: reading.Mapping, known: Iterable[str]) -> None:
        """Report every unknown key."""
        names = list(known)
        for key, node in mapping.items.items():
            if key not in names:
                self.findings.tell(Broken(node.path, mapping.lines[key]), _unknown(key, names))

    def take(self, place: Place, key: Key) -> None:
        """Read a key's value into the place; a problem is reported once, here or by the form."""
        node = place.node.items.get(key.name)
        if node is None:
            if key.required:
                self.findings.tell(place.node, f"`{key.name}` is missing.")
                place.told.add(key.variable)
            return
        before = len(self.findings.problems)
        value = self._value(node, key)
        if value is None or len(self.findings.problems) > before:
            place.told.add(key.variable)
        else:
            place.values[key.variable] = key.to_form(value)

    def normalize(self, place: Place, name: str, normal: Callable[[str], str]) -> None:
        """Normalise a value, or report why it is invalid."""
        if name in place.values:
            try:
                place.values[name] = normal(place.values[name])
            except ValidationError as error:
                place.told.add(name)
                del place.values[name]
                self.findings.tell(place.at(name), *error.messages)

    def flag(self, node: Node) -> bool:
        """Return a boolean. Only true and false are accepted, since YAML 1.1 has too many words for them."""
        if isinstance(node, Scalar) and not node.quoted and node.text in {"true", "false"}:
            return node.text == "true"
        self._tell_unless_broken(node, "Write true or false, without quotes.")
        return False

    def tell_errors(self, form: forms.Form, place: Place, keys: Mapping[str, Key]) -> None:
        """Report a form's errors where its values are; `keys` maps fields whose names differ from those in the file."""
        for field_name, errors in form.errors.items():
            if field_name not in place.told:
                key = keys.get(field_name)
                self.findings.tell(place.at(key.name if key else field_name), *map(str, errors))
                place.told.add(field_name)

    def _value(self, node: Node, key: Key) -> Any:
        match key.takes:
            case Takes.LIST:
                return self._list(node, key)
            case Takes.MAPPING:
                return self._pairs(node, key)
            case Takes.TEXT:
                return self._word(node, key)

    def _word(self, node: Node, key: Key) -> str | None:
        if not isinstance(node, Scalar):
            self._tell_unless_broken(node, "A single value is wanted here, no list and no mapping.")
            return None
        if sentence := _misread(node, key):
            self.findings.tell(node, sentence)
            return None
        try:
            text = variables.resolve(node.text, self.environment)
        except variables.VariableMissing as error:
            self.findings.tell(node, str(error))
            return None
        if not text.strip():
            self.findings.tell(node, "Nothing stands here. Enter a value, or leave the key out.")
            return None
        if key.secret and not key.is_word and not variables.holds_a_variable(node.text):
            self.findings.warn(node, "A secret stands in the file itself. ${NAME} would take it from the environment.")
        return text

    def _list(self, node: Node, key: Key) -> list[str] | None:
        items = self.listing(node, 'A list is wanted here: ["…", "…"].')
        if items is None:
            return None
        taken: list[str] = []
        for item in items:
            if (text := self._word(item, key)) is not None:
                self._tell_if(item, key.each(text, taken))
                taken.append(text)
        return taken

    def _pairs(self, node: Node, key: Key) -> list[tuple[str, str]] | None:
        if not (mapping := self.mapping(node, "A mapping is wanted here: {NAME: VALUE}.")):
            return None
        taken: list[tuple[str, str]] = []
        for name, item in mapping.items.items():
            if (text := self._word(item, key)) is not None:
                self._tell_if(item, key.each((name, text), taken))
                taken.append((name, text))
        return taken

    def _tell_if(self, node: Node, sentence: str) -> None:
        if sentence:
            self.findings.tell(node, sentence)

    def _tell_unless_broken(self, node: Node, sentence: str) -> None:
        if not isinstance(node, Broken):
            self.findings.tell(node, sentence)


def _misread(node: Scalar, key: Key) -> str:
    """Return how YAML could misread this value, or an empty string; the message never quotes the value."""
    if not node.quoted and (sentence := trap_in(node.text)):
        return sentence
    if node.joined:
        return (
            "This stands on several lines, which YAML joins with blanks. Write one line, or a block that begins in |."
        )
    if (key.secret or key.free_text) and node.before_comment and not variables.is_one_variable(node.text):
        return (
            "A comment follows, and the value ends before its #. If the # belongs to the value, put it into quotes; if "
            "not, write the comment on a line of its own."
        )
    if key.secret and node.escaped:
        return "In double quotes YAML makes another character of a backslash and what follows. Use single quotes."
    return ""


def _unknown(key: str, known: list[str]) -> str:
    near = get_close_matches(key, known, n=1)
    if near:
        return f"`{shown_key(key)}` is not known here. Did you mean `{near[0]}`?"
    hint = " A key ends in a colon and a blank." if ":" in key else ""
    return f"`{shown_key(key)}` is not known here; these are: {', '.join(known)}.{hint}"
