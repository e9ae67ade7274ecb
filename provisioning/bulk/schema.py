"""Value readers: extract text from the tree, and report traps and form errors at their places in the file."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from portal.tenants.models import Tenant
from portal.vault.kinds import Kind
from provisioning.bulk import parser, variables
from provisioning.bulk.entries import SenderEntry
from provisioning.bulk.parser import Broken, Listing, Node, Scalar, shown_key, trap_in
from provisioning.bulk.problems import Problem
from provisioning.options.base import Option
from provisioning.options.file_schema import FieldKind, FileField, FileSchema
from provisioning.wizard.forms import StepForm, facts_of
from provisioning.wizard.steps import PrerequisitesStep, WizardStep


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
    """A mapping that is being read: its values by variable. `run_action` has variables with a reported problem."""

    node: parser.Mapping
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

    def mapping(self, node: Node, otherwise: str) -> parser.Mapping | None:
        """Return the mapping, or None after reporting what is expected."""
        if isinstance(node, parser.Mapping):
            return node
        self._tell_unless_broken(node, otherwise)
        return None

    def listing(self, node: Node, otherwise: str) -> list[Node] | None:
        """Return the items of a list, or None after reporting what is expected."""
        if isinstance(node, Listing):
            return node.items
        self._tell_unless_broken(node, otherwise)
        return None

    def refuse_unknown(self, mapping: parser.Mapping, known: Iterable[str]) -> None:
        """Report every unknown key."""
        names = list(known)
        for key, node in mapping.items.items():
            if key not in names:
                self.findings.tell(Broken(node.path, mapping.lines[key]), _unknown(key, names))

    def take(self, place: Place, key: FileField) -> None:
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

    def tell_errors(self, form: forms.Form, place: Place, keys: Mapping[str, FileField]) -> None:
        """Report a form's errors where its values are; `keys` maps fields whose names differ from those in the file."""
        for field_name, errors in form.errors.items():
            if field_name not in place.told:
                key = keys.get(field_name)
                self.findings.tell(place.at(key.name if key else field_name), *map(str, errors))
                place.told.add(field_name)

    def _value(self, node: Node, key: FileField) -> Any:
        match key.takes:
            case FieldKind.LIST:
                return self._list(node, key)
            case FieldKind.MAPPING:
                return self._pairs(node, key)
            case FieldKind.TEXT:
                return self._word(node, key)

    def _word(self, node: Node, key: FileField) -> str | None:
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

    def _list(self, node: Node, key: FileField) -> list[str] | None:
        items = self.listing(node, 'A list is wanted here: ["…", "…"].')
        if items is None:
            return None
        taken: list[str] = []
        for item in items:
            if (text := self._word(item, key)) is not None:
                self._tell_if(item, key.each(text, taken))
                taken.append(text)
        return taken

    def _pairs(self, node: Node, key: FileField) -> list[tuple[str, str]] | None:
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


def _misread(node: Scalar, key: FileField) -> str:
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


@dataclass
class Answered:
    """The contents of a section: answers by step, secrets by kind, and the place of each variable."""

    answers: dict[str, dict[str, Any]] = field(default_factory=dict)
    secrets: dict[Kind, str] = field(default_factory=dict, repr=False)
    paths: dict[str, str] = field(default_factory=dict)


def answered(values: Values, node: Node, option: Option, tenant: Tenant, senders: list[SenderEntry]) -> Answered:
    """Return the contents of a section; problems are added to the findings."""
    names = [key.name for key in option.section.keys]
    result = Answered()
    if not (mapping := values.mapping(node, f"`{option.key}` is a mapping: {', '.join(names)}.")):
        return result
    values.refuse_unknown(mapping, names)
    place = Place(mapping)
    for key in option.section.keys:
        values.take(place, key)
    if senders and option.section.sender_variable:
        place.values[option.section.sender_variable] = senders[0].number
    for step in option.steps:
        if step.key == PrerequisitesStep.key:
            result.answers[step.key] = facts_of(tenant)
        else:
            _answer(values, step, step.form(tenant, data=place.values, stored=()), place, option.section, result)
    result.paths = _paths(place, option)
    return result


def _answer(  # noqa: PLR0913, PLR0917 - a step, its form, its sources and its result
    values: Values, step: WizardStep, form: StepForm, place: Place, section: FileSchema, result: Answered
) -> None:
    asks_sender_only = set(form.fields) == {section.sender_variable}
    if asks_sender_only and section.sender_variable not in place.values and not form.is_valid():
        return  # a file may omit the sender ID; if the wizard also allows that, the empty answer is saved
    before = len(values.findings.problems)
    values.tell_errors(form, place, section.by_variable())
    result.answers[step.key] = form.answers()
    secrets = {each.kind: form.cleaned_data.get(name) for name, each in form.secret_fields().items()}
    result.secrets |= {kind: value for kind, value in secrets.items() if value}
    if form.is_valid():
        if not asks_sender_only:  # warnings about the number are reported at the number
            values.findings.warn(place.node, *step.warnings(form.answers()))
    elif len(values.findings.problems) == before and not place.told:
        values.findings.tell(place.node, f"Something in “{step.title}” is not right.")


def _paths(place: Place, option: Option) -> dict[str, str]:
    """Return the place of each variable in the file; secrets also by their kind."""
    nodes = {key.variable: place.at(key.name) for key in option.section.keys}
    paths = {variable: f"{node.path}, line {node.line}" for variable, node in nodes.items()}
    return paths | {kind.value: paths[name] for name, kind in option.kinds().items() if name in paths}
