"""One entry of the file against what stands: what is missing, what is to be changed, and what differs for good.

A service's values differ for good: Nexus documents no way to change a service that exists, so they are named and left.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

from portal.outbound.messages import Secret
from portal.vault.actions import holds
from portal.vault.kinds import Kind
from portal.vault.sealing import DoesNotOpen
from provisioning.apply.entries import Entry, SenderEntry
from provisioning.apply.standing import Standing
from provisioning.drafts import answers_by_step
from provisioning.models import LIVE, Setup, SetupState
from provisioning.options import OPTIONS
from provisioning.options.base import Option
from senders.actions import SenderFacts
from senders.models import SenderId


class Todo(Enum):
    """What is to be done about the set-up itself."""

    NOTHING = auto()
    BEGIN = auto()
    START = auto()  # a draft
    MEND = auto()  # a failed one, whose answers change
    RESUME = auto()
    FOLLOW = auto()  # somebody runs it


@dataclass(frozen=True)
class Difference:
    """A value of the file that cannot simply be brought about."""

    path: str
    sentence: str
    services: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.path}: differs. {self.sentence}"


@dataclass
class Plan:
    """What one entry needs."""

    entry: Entry
    standing: Standing
    facts: dict[str, Any] = field(default_factory=dict)
    secrets: dict[Kind, str] = field(default_factory=dict, repr=False)
    answers: dict[str, dict[str, Any]] = field(default_factory=dict)
    senders: list[SenderEntry] = field(default_factory=list)
    sender_changes: list[tuple[SenderId, SenderFacts]] = field(default_factory=list)
    todo: Todo = Todo.NOTHING
    setup: Setup | None = None
    differences: list[Difference] = field(default_factory=list)

    @property
    def is_new(self) -> bool:
        """Say whether the tenant itself is to be added."""
        return self.standing.tenant is None

    @property
    def changes_nothing(self) -> bool:
        """Say whether all stands already as the file has it, or is on its way."""
        changes = self.is_new or self.facts or self.secrets or self.answers or self.senders or self.sender_changes
        return not changes and self.todo in {Todo.NOTHING, Todo.FOLLOW}


def plan(entry: Entry, standing: Standing) -> Plan:
    """Compare an entry with what stands."""
    made = Plan(entry, standing)
    if standing.tenant:
        facts = {"name": entry.name, "nexus_url": entry.nexus_url}
        made.facts = {name: value for name, value in facts.items() if getattr(standing.tenant, name) != value}
    _plan_senders(made)
    option = entry.option
    active = standing.active_option
    if option and active and active != option.key:
        title = OPTIONS[active].title
        made.differences.append(
            Difference(
                f"{entry.path}.{option.key}",
                f"{entry.name} is set up with {title}. Each option creates the service SMS, so one is active at a time.",
            )
        )
        made.secrets = _changed_secrets(entry, standing, {Kind.NEXUS_API_KEY})
        return made
    if option is None:
        made.secrets = _changed_secrets(entry, standing, set(entry.secrets))
    else:
        _plan_setup(made, option)
    return made


def _plan_senders(made: Plan) -> None:
    for each in made.entry.senders:
        stored = made.standing.senders.get(each.number)
        if stored is None:
            made.senders.append(each)
        elif any(getattr(stored, name) != value for name, value in each.given.items()):
            made.sender_changes.append((stored, _changed_facts(stored, each)))


def _changed_facts(stored: SenderId, each: SenderEntry) -> SenderFacts:
    """Return the facts with what the file gives; who answers follows `cxc_only` where that changes."""
    facts = {name: getattr(stored, name) for name in SenderFacts.__dataclass_fields__} | dict(each.given)
    if facts["cxc_only"] != stored.cxc_only:
        facts["agents_answer"] = not facts["cxc_only"]
    return SenderFacts(**facts)


def _plan_setup(made: Plan, option: Option) -> None:
    entry, standing = made.entry, made.standing
    made.setup = standing.setup_of(option.key)
    made.secrets = _changed_secrets(entry, standing, set(entry.secrets))
    if made.setup is None:
        made.todo, made.answers = Todo.BEGIN, entry.answers
        return
    try:
        stored = answers_by_step(made.setup)
    except DoesNotOpen:
        stored = {}
    _take_out_differences(made, option, stored)
    made.todo = _todo(made, made.setup)


def _take_out_differences(made: Plan, option: Option, stored: dict[str, dict[str, Any]]) -> None:
    """Split what changed: answers and secrets of services that exist are differences, the others are to be saved."""
    flat = {name: value for step in stored.values() for name, value in step.items()}
    wanted = made.entry.all_answers
    in_file = {key.variable for key in option.section.keys}
    if made.setup and made.setup.state == SetupState.DRAFT:
        in_file.add(option.section.sender_variable)  # later on the sender IDs themselves are compared
    changed = [name for name in wanted if name in in_file and flat.get(name, _NOT_THERE) != wanted[name]]
    differing: set[str] = set()
    for name in changed:
        if services := _built_with(option, flat, wanted, name, made.standing):
            made.differences.append(_difference(made.entry, name, services))
            differing.add(name)
        elif made.setup and made.setup.state not in {SetupState.DRAFT, SetupState.FAILED}:
            made.differences.append(_unsaved(made.entry, name, made.setup))
            differing.add(name)
    for kind in list(made.secrets):
        if services := _signed_with(option, wanted, kind, made.standing):
            made.differences.append(_difference(made.entry, kind.value, services))
            del made.secrets[kind]
    to_save = set(changed) - differing
    made.answers = {
        key: {name: value if name in to_save else flat.get(name, value) for name, value in answers.items()}
        for key, answers in made.entry.answers.items()
        if key not in stored or to_save & set(answers)
    }


_NOT_THERE = object()


def _todo(made: Plan, setup: Setup) -> Todo:
    if setup.state in LIVE:
        made.answers = {}
        return Todo.FOLLOW
    if setup.state == SetupState.SUCCEEDED:
        made.answers = {}
        return Todo.NOTHING
    if setup.state == SetupState.DRAFT:
        return Todo.START
    return Todo.MEND if made.answers else Todo.RESUME


def _changed_secrets(entry: Entry, standing: Standing, kinds: set[Kind]) -> dict[Kind, str]:
    """Return those of these secrets that are not stored, or with another value."""
    changed = {}
    for kind in kinds & set(entry.secrets):
        stored = standing.credentials.get(kind.value)
        if stored is None or not holds(stored, entry.secrets[kind]):
            changed[kind] = entry.secrets[kind]
    return changed


def _built_with(
    option: Option, stored: Mapping[str, Any], wanted: Mapping[str, Any], name: str, standing: Standing
) -> list[str]:
    """Return the existing services whose definition changes when this answer does."""
    if not standing.services:
        return []
    base = {**wanted, **stored}
    before = {service.name: service.body for service in option.services(base)}
    after = {service.name: service.body for service in option.services({**base, name: wanted[name]})}
    return [each for each in after if each in standing.services and after[each] != before.get(each)]


def _signed_with(option: Option, answers: Mapping[str, Any], kind: Kind, standing: Standing) -> list[str]:
    """Return the existing services whose definition carries this secret."""
    services = option.services(answers)
    return [each.name for each in services if each.name in standing.services and kind.value in set(_markers(each.body))]


def _markers(body: Any) -> Iterator[str]:
    if isinstance(body, Secret):
        yield body.name
    elif isinstance(body, Mapping):
        for value in body.values():
            yield from _markers(value)
    elif isinstance(body, list | tuple):
        for value in body:
            yield from _markers(value)


def _difference(entry: Entry, variable: str, services: list[str]) -> Difference:
    names = ", ".join(services)
    return Difference(
        entry.paths.get(variable, entry.path),
        f"{names} was created with another value, and Nexus documents no way to change a service.",
        tuple(services),
    )


def _unsaved(entry: Entry, variable: str, setup: Setup) -> Difference:
    return Difference(
        entry.paths.get(variable, entry.path),
        f"The set-up is {setup.get_state_display().lower()} with another value, which is no part of a service.",
    )
