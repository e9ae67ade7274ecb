"""Section reader: turns an option's section of the file into answers for its wizard steps."""

from dataclasses import dataclass, field
from typing import Any

from portal.tenants.models import Tenant
from portal.vault.kinds import Kind
from provisioning.apply.entries import SenderEntry
from provisioning.apply.reading import Node
from provisioning.apply.values import Place, Values
from provisioning.forms import StepForm, facts_of
from provisioning.options.base import Option
from provisioning.options.section import Section
from provisioning.wizard import PREREQUISITES, WizardStep


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
        if step.key == PREREQUISITES.key:
            result.answers[step.key] = facts_of(tenant)
        else:
            _answer(values, step, step.form(tenant, data=place.values, stored=()), place, option.section, result)
    result.paths = _paths(place, option)
    return result


def _answer(  # noqa: PLR0913, PLR0917 - a step, its form, its sources and its result
    values: Values, step: WizardStep, form: StepForm, place: Place, section: Section, result: Answered
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
