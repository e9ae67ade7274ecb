"""The tree turned into entries, or into problems: each value is checked by the form that the pages use."""

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from portal.tenants.forms import TenantForm
from portal.tenants.models import Tenant
from portal.vault.kinds import Kind
from provisioning.apply import reading, variables
from provisioning.apply.entries import Entry, SenderEntry
from provisioning.apply.problems import FileRefused, Problem
from provisioning.apply.reading import Broken, Listing, Node, Scalar, shown_key
from provisioning.apply.words import trap_in
from provisioning.forms import StepForm
from provisioning.options import OPTIONS
from provisioning.options.base import Option
from provisioning.options.section import Key, Section, Takes
from provisioning.wizard import PREREQUISITES, WizardStep
from senders.names import endpoint_name, section_name
from senders.phone_numbers import parse

_FACTS = ("name", "ccid", "nexus_url")
API_KEY = Key("nexus_api_key", "nexus_api_key", secret="NEXUS_API_KEY")  # noqa: S106 - a name, no secret
_SENDER_TEXTS = ("section", "endpoint")
_SENDER_CHECKS: dict[str, Callable[[str], str]] = {
    "number": lambda text: parse(text).digits,
    "section": section_name,
    "endpoint": endpoint_name,
}


@dataclass
class Findings:
    """What is wrong with the file, and what is merely odd."""

    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)

    def tell(self, node: Node, sentence: str) -> None:
        """Note a problem at a place."""
        self.problems.append(Problem(node.line, node.path, sentence))

    def warn(self, node: Node, sentence: str) -> None:
        """Note something odd at a place."""
        self.warnings.append(Problem(node.line, node.path, sentence))


def check(content: bytes, environment: Mapping[str, str] | None = None) -> tuple[list[Entry], list[Problem]]:
    """Return the file's entries and its warnings; raises FileRefused with everything that is wrong with it."""
    root, problems = reading.read(content)
    findings = Findings(problems)
    checker = _Checker(findings, os.environ if environment is None else environment)
    entries = checker.entries(root)
    if findings.problems:
        raise FileRefused(findings.problems)
    return entries, sorted(set(findings.warnings))


@dataclass
class _Place:
    """A mapping of the file while it is read: its values by key, and what was told already."""

    node: reading.Mapping
    values: dict[str, Any] = field(default_factory=dict, repr=False)
    told: set[str] = field(default_factory=set)

    def at(self, key: str) -> Node:
        """Return where a key stands, or where it should."""
        return self.node.items.get(key, self.node)


class _Checker:
    """Checks one file; what it finds goes into `findings`."""

    def __init__(self, findings: Findings, environment: Mapping[str, str]) -> None:
        self.findings = findings
        self.environment = environment
        self.ccids: dict[Any, Node] = {}
        self.numbers: dict[str, Node] = {}

    def entries(self, root: Node) -> list[Entry]:
        """Return an entry for each tenant that is right."""
        if not (top := self._mapping(root, "The file is a mapping that begins with `tenants:`.")):
            return []
        self._refuse_unknown(top, ("tenants",))
        tenants = top.items.get("tenants")
        if not isinstance(tenants, Listing):
            if not isinstance(tenants, Broken):
                self.findings.tell(tenants or top, "`tenants` must be here: a list, each entry with `- name: …`.")
            return []
        if not tenants.items:
            self.findings.tell(tenants, "The list is empty.")
        return [entry for node in tenants.items if (entry := self._tenant(node))]

    # --- one tenant ---

    def _tenant(self, node: Node) -> Entry | None:
        if not (mapping := self._mapping(node, "A tenant is a mapping: name, ccid, nexus_url, …")):
            return None
        before = len(self.findings.problems)
        self._refuse_unknown(mapping, (*_FACTS, API_KEY.name, "sender_ids", *OPTIONS))
        option = self._option(mapping)
        facts = self._facts(mapping, needs_key=option is not None)
        senders = self._senders(mapping)
        secrets = {Kind.NEXUS_API_KEY: facts["nexus_api_key"]} if facts.get("nexus_api_key") else {}
        answers: dict[str, dict[str, Any]] = {}
        paths: dict[str, str] = {}
        if option:
            answers, more, places = self._section(mapping, option, facts, senders)
            secrets |= more
            paths = places
        if len(self.findings.problems) > before:
            return None
        tenant_facts = {name: facts[name] for name in _FACTS}
        return Entry(
            mapping.path,
            mapping.line,
            **tenant_facts,
            option=option,
            answers=answers,
            secrets=secrets,
            senders=tuple(senders),
            paths=paths,
        )

    def _option(self, mapping: reading.Mapping) -> Option | None:
        found = [key for key in OPTIONS if key in mapping.items]
        for key in found[1:]:
            self.findings.tell(
                mapping.items[key], f"One option is active in a tenant at a time; {found[0]} is here too."
            )
        return OPTIONS[found[0]] if found else None

    def _facts(self, mapping: reading.Mapping, *, needs_key: bool) -> dict[str, Any]:
        place = _Place(mapping)
        for name in _FACTS:
            self._take(place, Key(name, name))
        self._take(place, replace(API_KEY, required=needs_key))
        form = TenantForm(data=place.values)
        self._tell_errors(form, place, {})
        cleaned: dict[str, Any] = form.cleaned_data
        if ccid := cleaned.get("ccid"):
            self._refuse_twice(self.ccids, ccid, place.at("ccid"), "the contact centre id")
        return cleaned

    def _refuse_twice(self, seen: dict[Any, Node], value: Any, node: Node, what: str) -> None:
        if value in seen:
            first = seen[value]
            self.findings.tell(node, f"This is {what} of {first.path}, line {first.line}, too.")
        seen.setdefault(value, node)

    # --- sender IDs ---

    def _senders(self, mapping: reading.Mapping) -> list[SenderEntry]:
        node = mapping.items.get("sender_ids")
        if node is None or isinstance(node, Broken):
            return []
        if not isinstance(node, Listing):
            self.findings.tell(node, "`sender_ids` is a list, each entry with `- {number: …}`.")
            return []
        seen: dict[Any, Node] = {}
        return [sender for item in node.items if (sender := self._sender(item, seen))]

    def _sender(self, node: Node, seen: dict[Any, Node]) -> SenderEntry | None:
        if not (mapping := self._mapping(node, "A sender ID is a mapping: number, section, endpoint, cxc_only.")):
            return None
        self._refuse_unknown(mapping, ("number", *_SENDER_TEXTS, "cxc_only"))
        place = _Place(mapping)
        for key in (Key("number", "number"), *(Key(name, name, required=False) for name in _SENDER_TEXTS)):
            self._take(place, key)
        for name, check in _SENDER_CHECKS.items():
            self._check(place, name, check)
        if (flag := mapping.items.get("cxc_only")) is not None:
            place.values["cxc_only"] = self._flag(flag)
        number = place.values.pop("number", None)
        if number is None or "number" in place.told:
            return None
        self._refuse_twice(seen, number, place.at("number"), "the number")
        return SenderEntry(mapping.path, mapping.line, number, place.values)

    def _check(self, place: _Place, name: str, check: Callable[[str], str]) -> None:
        if name in place.values:
            try:
                place.values[name] = check(place.values[name])
            except ValidationError as error:
                place.told.add(name)
                self._tell_all(place.at(name), error.messages)
            else:
                if name == "number" and (warning := parse(place.values[name]).warning):
                    self.findings.warn(place.at(name), warning)

    def _flag(self, node: Node) -> bool:
        if isinstance(node, Scalar) and not node.quoted and node.text in {"true", "false"}:
            return node.text == "true"
        if not isinstance(node, Broken):
            self.findings.tell(node, "Write true or false, without quotes.")
        return False

    # --- an option's section ---

    def _section(
        self, mapping: reading.Mapping, option: Option, facts: dict[str, Any], senders: list[SenderEntry]
    ) -> tuple[dict[str, dict[str, Any]], dict[Kind, str], dict[str, str]]:
        node = mapping.items[option.key]
        if not (section := self._mapping(node, f"`{option.key}` is a mapping: {_names(option.section)}.")):
            return {}, {}, {}
        self._refuse_unknown(section, [key.name for key in option.section.keys])
        place = _Place(section)
        for key in option.section.keys:
            self._take(place, key)
        if option.section.sender_variable and senders:
            place.values[option.section.sender_variable] = senders[0].number
        tenant = Tenant(**{name: facts.get(name) or "" for name in _FACTS})
        answers: dict[str, dict[str, Any]] = {}
        secrets: dict[Kind, str] = {}
        for step in option.steps:
            if step.key == PREREQUISITES.key:
                answers[step.key] = {"ccid": str(facts.get("ccid")), "nexusURL": facts.get("nexus_url")}
            else:
                form = step.form(tenant, data=place.values, stored=())
                # A file may leave the sender ID out; where the wizard lets it be empty too, that is its answer.
                if senders or set(form.fields) != {option.section.sender_variable} or form.is_valid():
                    answers[step.key], more = self._step(step, form, place, option)
                    secrets |= more
        return answers, secrets, _paths(place, option)

    def _step(
        self, step: WizardStep, form: StepForm, place: _Place, option: Option
    ) -> tuple[dict[str, Any], dict[Kind, str]]:
        before = len(self.findings.problems)
        self._tell_errors(form, place, option.section.by_variable())
        answers = form.answers()
        if form.is_valid():
            for sentence in step.warnings(answers):
                if option.section.sender_variable not in step.form.base_fields:  # told at its own place already
                    self.findings.warn(place.node, sentence)
        elif len(self.findings.problems) == before and not place.told:
            self.findings.tell(place.node, "Something is not right here.")
        fields = form.secret_fields()
        return answers, {
            each.kind: form.cleaned_data[name] for name, each in fields.items() if form.cleaned_data.get(name)
        }

    # --- values ---

    def _take(self, place: _Place, key: Key) -> None:
        """Read a key's value into the place; what is wrong with it is told once, here or by the form."""
        node = place.node.items.get(key.name)
        if node is None:
            if key.required:
                self.findings.tell(place.node, f"`{key.name}` is missing.")
                place.told.add(key.variable)
            return
        before = len(self.findings.problems)
        value = self._value(node, key)
        if len(self.findings.problems) > before or value is None:
            place.told.add(key.variable)
        else:
            place.values[key.variable] = key.to_form(value)

    def _value(self, node: Node, key: Key) -> Any:
        if key.takes is Takes.LIST:
            return self._list(node, key)
        if key.takes is Takes.MAPPING:
            return self._pairs(node, key)
        return self._word(node, key)

    def _word(self, node: Node, key: Key) -> str | None:
        if not isinstance(node, Scalar):
            if not isinstance(node, Broken):
                self.findings.tell(node, "A single value is wanted here, no list and no mapping.")
            return None
        if not node.quoted and (sentence := trap_in(node.text)):
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
        if not isinstance(node, Listing):
            if not isinstance(node, Broken):
                self.findings.tell(node, 'A list is wanted here: ["…", "…"].')
            return None
        taken: list[str] = []
        for item in node.items:
            if (text := self._word(item, key)) is not None:
                if sentence := key.each(text, taken):
                    self.findings.tell(item, sentence)
                taken.append(text)
        return taken

    def _pairs(self, node: Node, key: Key) -> list[tuple[str, str]] | None:
        if not (mapping := self._mapping(node, "A mapping is wanted here: {NAME: VALUE}.")):
            return None
        taken: list[tuple[str, str]] = []
        for name, item in mapping.items.items():
            if (text := self._word(item, key)) is not None:
                if sentence := key.each((name, text), taken):
                    self.findings.tell(item, sentence)
                taken.append((name, text))
        return taken

    def _mapping(self, node: Node, otherwise: str) -> reading.Mapping | None:
        if isinstance(node, reading.Mapping):
            return node
        if not isinstance(node, Broken):
            self.findings.tell(node, otherwise)
        return None

    # --- telling ---

    def _refuse_unknown(self, mapping: reading.Mapping, known: Iterable[str]) -> None:
        names = list(known)
        for key, node in mapping.items.items():
            if key not in names:
                at = Broken(node.path, mapping.lines[key])
                self.findings.tell(at, _unknown(key, names))

    def _tell_errors(self, form: forms.Form, place: _Place, keys: Mapping[str, Key]) -> None:
        for field_name, errors in form.errors.items():
            if field_name not in place.told:
                key = keys.get(field_name)
                self._tell_all(place.at(key.name if key else field_name), map(str, errors))
                place.told.add(field_name)

    def _tell_all(self, node: Node, sentences: Iterable[str]) -> None:
        for sentence in sentences:
            self.findings.tell(node, sentence)


def _paths(place: _Place, option: Option) -> dict[str, str]:
    """Return where the file has each variable, secrets by their kind too."""
    nodes = {key.variable: place.at(key.name) for key in option.section.keys}
    paths = {variable: f"{node.path}, line {node.line}" for variable, node in nodes.items()}
    return paths | {kind.value: paths[name] for name, kind in option.kinds().items() if name in paths}


def _names(section: Section) -> str:
    return ", ".join(key.name for key in section.keys)


def _unknown(key: str, known: list[str]) -> str:
    near = get_close_matches(key, known, n=1)
    if near:
        return f"`{shown_key(key)}` is not known here. Did you mean `{near[0]}`?"
    hint = " A key ends in a colon and a blank." if ":" in key else ""
    return f"`{shown_key(key)}` is not known here; these are: {', '.join(known)}.{hint}"
