"""Planner of the import: compares an entry with the tenant's state to find what is missing, changed or different.

Nexus documents no way to change an existing service. So different values of existing services are reported and left as
they are, unless the services are to be replaced.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

from portal.tenants.models import Tenant
from portal.vault.actions import holds
from portal.vault.binding import Binding
from portal.vault.encryption import DecryptionError, fingerprint
from portal.vault.kinds import Kind
from portal.vault.models import Credential
from provisioning.bulk.entries import Entry, SenderEntry
from provisioning.bulk.tenant_state import TenantState
from provisioning.models import ENDED, LIVE, Service, Setup, SetupState
from provisioning.options import OPTIONS
from provisioning.options.base import Option, ServiceDefinition
from provisioning.runs.snapshots import Snapshot, differences, snapshot
from provisioning.wizard.drafts import answers_by_step
from senders.actions import SenderFacts
from senders.models import SenderId

#: A probe value that shows where a variable ends up; no file contains this character.
_PROBE = "\ue000"


@dataclass(frozen=True)
class Deviation:
    """A value of the file that cannot simply be changed, with the services that hold another value."""

    path: str
    sentence: str
    services: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Return the deviation as text, without the value, which could be a secret."""
        return f"{self.path}: differs. {self.sentence}"


def deviations(
    entry: Entry, option: Option, standing: TenantState, stored: Mapping[str, Mapping[str, Any]]
) -> list[Deviation]:
    """Return how the entry differs from existing services and from a finished set-up; empty if it does not."""
    before = {name: value for step in stored.values() for name, value in step.items()}
    compared = _Comparison(entry, option, standing, before)
    found: dict[str, list[str]] = {}
    for definition in compared.definitions:
        for variable in compared.differing(definition):
            found.setdefault(variable, []).append(definition.name)
    made = [_of_services(entry, option, variable, services) for variable, services in found.items()]
    return made + [_of_setup(entry, name) for name in compared.unsent() if name not in found]


class _Comparison:
    """An entry compared with the tenant's state. `before` are the answers of the last set-up."""

    def __init__(self, entry: Entry, option: Option, standing: TenantState, before: Mapping[str, Any]) -> None:
        self.entry, self.option, self.standing, self.before = entry, option, standing, before
        self.answers = entry.all_answers
        self.definitions = option.services(self.answers)

    def differing(self, definition: ServiceDefinition) -> list[str]:
        """Return the variables in which a service differs; one empty name if no variable explains the difference."""
        service = self.standing.services.get(definition.name)
        known = service and (service.presumed or self._as_told(definition.name))
        if not known:
            return []
        leaves = {each.name for each in differences(Service(sent=known), self._wanted(definition))}
        names = [key.variable for key in self.option.section.keys]
        guilty = [name for name in names if leaves & self._leaves_of(definition, name)] if leaves else []
        return guilty or [""] * bool(leaves)

    def unsent(self) -> Iterator[str]:
        """Yield the variables that are part of no service and whose answers differ from those of a finished set-up."""
        setup = self.standing.setup_of(self.option.key)
        if setup is None or setup.state not in ENDED:
            return
        for key in self.option.section.keys:
            name = key.variable
            changed = name in self.before and self.before[name] != self.answers.get(name, self.before[name])
            if changed and not any(self._leaves_of(definition, name) for definition in self.definitions):
                yield name

    def _as_told(self, name: str) -> Snapshot:
        """Return the last set-up's snapshot of a service that "exists, not verified", the best that is known of it."""
        try:
            definitions = {each.name: each for each in self.option.services(self.before)}
        except KeyError:  # a draft that has no such answers yet
            return {}
        prints = {kind: row.fingerprint for kind, row in self.standing.credentials.items()}
        return snapshot(definitions[name].body, prints) if name in definitions else {}

    def _wanted(self, definition: ServiceDefinition) -> Snapshot:
        assert self.standing.tenant is not None  # noqa: S101 - a service has a tenant
        tenant_id = self.standing.tenant.pk
        prints = {kind.value: fingerprint(value, tenant_id) for kind, value in self.entry.secrets.items()}
        return snapshot(definition.body, prints)

    def _leaves_of(self, definition: ServiceDefinition, variable: str) -> set[str]:
        """Return the paths within a service's definition whose values come from this variable."""
        if variable not in self.answers:
            return {f"${variable}"}
        probe: Any = [_PROBE] if isinstance(self.answers[variable], list) else _PROBE
        probed = {each.name: each.body for each in self.option.services({**self.answers, variable: probe})}
        plain, other = snapshot(definition.body, {}), snapshot(probed[definition.name], {})
        return {each.name for each in differences(Service(sent=plain), other)}


def _of_services(entry: Entry, option: Option, variable: str, services: list[str]) -> Deviation:
    sentence = (
        f"{', '.join(services)} was sent with another value, and Nexus documents no way to change it. "
        "--replace sends it again."
    )
    path = entry.paths.get(variable, f"{entry.path}.{option.key}")
    return Deviation(path, sentence, tuple(services), (variable,))


def _of_setup(entry: Entry, variable: str) -> Deviation:
    sentence = "The set-up ended with another value. It is part of no service, so there is nothing to send again."
    return Deviation(entry.paths.get(variable, entry.path), sentence, (), (variable,))


class Todo(Enum):
    """What to do with the set-up itself."""

    NOTHING = auto()
    BEGIN = auto()
    START = auto()  # run an existing draft
    MEND = auto()  # reopen a failed set-up and change its answers
    RESUME = auto()
    FOLLOW = auto()  # it is running already
    REPLACE = auto()  # send existing services again, or change the option


@dataclass
class Plan:
    """What the import has to do for one entry."""

    entry: Entry
    standing: TenantState
    facts: dict[str, Any] = field(default_factory=dict)
    secrets: dict[Kind, str] = field(default_factory=dict, repr=False)
    answers: dict[str, dict[str, Any]] = field(default_factory=dict)
    senders: list[SenderEntry] = field(default_factory=list)
    sender_changes: list[tuple[SenderId, SenderFacts]] = field(default_factory=list)
    todo: Todo = Todo.NOTHING
    setup: Setup | None = None
    deviations: list[Deviation] = field(default_factory=list)
    replaces_active_option: bool = False

    @property
    def all_answers(self) -> dict[str, Any]:
        """Return the answers, by variable, that the set-up will have once this plan is carried out."""
        stored = _stored_answers(self.setup) if self.setup and self.todo is not Todo.REPLACE else {}
        return {name: value for step in (stored | self.answers).values() for name, value in step.items()}

    @property
    def changes_nothing(self) -> bool:
        """Return whether everything is already as in the file, or a running set-up is about to make it so."""
        if self.standing.tenant is None:
            return False
        changes = self.facts or self.secrets or self.answers or self.senders or self.sender_changes
        return not changes and self.todo in {Todo.NOTHING, Todo.FOLLOW}

    @property
    def used_draft(self) -> Setup | None:
        """Return the draft that will be completed and run; it may be another person's."""
        begins = self.todo in {Todo.BEGIN, Todo.START, Todo.REPLACE}
        return self.standing.draft_of(self.entry.option.key) if self.entry.option and begins else None

    @property
    def replaced(self) -> frozenset[str]:
        """Return the names of the services to send again."""
        return frozenset(name for each in self.deviations for name in each.services)


def plan(entry: Entry, standing: TenantState, *, replace: bool = False) -> Plan:
    """Plan one entry; `replace` sends services again that differ."""
    made = Plan(entry, standing)
    if standing.tenant:
        made.facts = {"name": entry.name} if standing.tenant.name != entry.name else {}
    made.secrets = _changed_secrets(entry, standing)
    _plan_senders(made)
    if entry.option:
        _plan_option(made, entry.option, replace=replace)
    made.secrets |= _bound_elsewhere(made)
    return made


def bindings_of(entry: Entry, tenant: Tenant, answers: Mapping[str, Any]) -> dict[Kind, Binding]:
    """Return the binding of each of the entry's secrets with these answers."""
    own = entry.option.bindings(tenant, answers) if entry.option else {}
    return {Kind.NEXUS_API_KEY: Binding.to(tenant.nexus_url)} | own


def _changed_secrets(entry: Entry, standing: TenantState) -> dict[Kind, str]:
    """Return the secrets that are not stored, or stored with another value."""
    stored = standing.credentials
    return {
        kind: value
        for kind, value in entry.secrets.items()
        if kind.value not in stored or not holds(stored[kind.value], value)
    }


def _bound_elsewhere(made: Plan) -> dict[Kind, str]:
    """Return the secrets that are stored with this value, but for other addresses or another client."""
    tenant, stored = made.standing.tenant, made.standing.credentials
    if tenant is None:
        return {}
    bindings = bindings_of(made.entry, tenant, made.all_answers)
    return {
        kind: value
        for kind, value in made.entry.secrets.items()
        if kind in bindings and kind.value in stored and not _serves(stored[kind.value], bindings[kind])
        if holds(stored[kind.value], value)
    }


def _serves(row: Credential, wanted: Binding) -> bool:
    return row.client_id == wanted.client_id and not row.binding.lacks(wanted)


def _plan_senders(made: Plan) -> None:
    for each in made.entry.senders:
        stored = made.standing.senders.get(each.number)
        if stored is None:
            made.senders.append(each)
        elif any(getattr(stored, name) != value for name, value in each.given.items()):
            made.sender_changes.append((stored, _changed_facts(stored, each)))


def _changed_facts(stored: SenderId, each: SenderEntry) -> SenderFacts:
    """Return the facts with the file's changes. `agents_answer` follows `cxc_only` if that changes."""
    facts = {name: getattr(stored, name) for name in SenderFacts.__dataclass_fields__} | dict(each.given)
    if facts["cxc_only"] != stored.cxc_only:
        facts["agents_answer"] = not facts["cxc_only"]
    return SenderFacts(**facts)


def _plan_option(made: Plan, option: Option, *, replace: bool) -> None:
    entry, active = made.entry, made.standing.active_option
    made.setup = made.standing.setup_of(option.key)
    made.replaces_active_option = bool(active and active != option.key)
    if made.setup and made.setup.state in LIVE:
        made.todo = Todo.FOLLOW
    elif made.replaces_active_option:
        _plan_switch(made, option, OPTIONS[active or option.key].title, replace=replace)
    elif made.setup is None:
        made.todo, made.answers = Todo.BEGIN, entry.answers
    else:
        _plan_known(made, option, made.setup, replace=replace)


def _plan_switch(made: Plan, option: Option, active: str, *, replace: bool) -> None:
    entry = made.entry
    if replace:
        made.todo, made.answers = Todo.REPLACE, entry.answers
        return
    made.secrets = {kind: value for kind, value in made.secrets.items() if kind is Kind.NEXUS_API_KEY}
    sentence = f"{entry.name} is set up with {active}. Only one option is active in a tenant at a time."
    made.deviations.append(Deviation(f"{entry.path}.{option.key}", sentence))


def _plan_known(made: Plan, option: Option, setup: Setup, *, replace: bool) -> None:
    """Separate deviations of existing services from answers that can be saved."""
    stored = _stored_answers(setup)
    found = deviations(made.entry, option, made.standing, stored)
    made.deviations = found
    if replace and found and setup.state in ENDED:
        made.todo, made.answers = Todo.REPLACE, made.entry.answers
        return
    differing = {name for each in found for name in each.variables}
    made.secrets = {kind: value for kind, value in made.secrets.items() if kind.value not in differing}
    if setup.state in ENDED:
        return
    made.answers = _to_save(made.entry, option, stored, differing)
    made.todo = Todo.START if setup.state == SetupState.DRAFT else Todo.MEND if made.answers else Todo.RESUME


def _to_save(
    entry: Entry, option: Option, stored: dict[str, dict[str, Any]], differing: set[str]
) -> dict[str, dict[str, Any]]:
    """Return the steps whose answers change; variables that the file does not contain keep their stored values."""
    spoken_of = {key.variable for key in option.section.keys} | {option.section.sender_variable}
    steps = {}
    for key, answers in entry.answers.items():
        before = stored.get(key)
        taken = {
            name: value if before is None or (name in spoken_of and name not in differing) else before.get(name, value)
            for name, value in answers.items()
        }
        if before is None or any(before.get(name) != value for name, value in taken.items() if name in spoken_of):
            steps[key] = taken
    return steps


def _stored_answers(setup: Setup) -> dict[str, dict[str, Any]]:
    try:
        return answers_by_step(setup)
    except DecryptionError:
        return {}
