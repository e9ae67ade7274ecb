"""Comparison of an entry with existing services; each difference has its path in the file."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from portal.vault.sealing import fingerprint
from provisioning.apply.entries import Entry
from provisioning.apply.standing import Standing
from provisioning.models import ENDED, Service
from provisioning.options.base import Option, ServiceDefinition
from provisioning.snapshots import Snapshot, differences, snapshot

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
    entry: Entry, option: Option, standing: Standing, stored: Mapping[str, Mapping[str, Any]]
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

    def __init__(self, entry: Entry, option: Option, standing: Standing, before: Mapping[str, Any]) -> None:
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
