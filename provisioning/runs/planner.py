"""Planner of a run: create what is missing, replace what changed, leave the rest unchanged."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from provisioning.models import Service, ServiceState, Setup
from provisioning.options.base import ServiceDefinition
from provisioning.runs.snapshots import Difference, differences, snapshot
from provisioning.wizard.drafts import answers_of, chosen_secrets, option_of


class Intent(StrEnum):
    """What a run will do with a service."""

    CREATE = "create"
    REPLACE = "replace"
    LEAVE = "leave"


@dataclass(frozen=True)
class Planned:
    """The planned action for one service.

    `differences` lists what a replacement changes. `service` is the known state, None if the service is new.
    """

    definition: ServiceDefinition
    intent: Intent
    differences: list[Difference]
    service: Service | None = None


def plan(setup: Setup) -> list[Planned]:
    """Return a plan for every service of a complete draft, in the guide's order.

    Two kinds of unverified services are left alone. One that "exists, not verified" is replaced only at a person's
    explicit request, or if the set-up changes the option. One that was "accepted, not verified" with the same values is
    not sent again, because reading it back tells more.
    """
    services = {service.name: service for service in setup.tenant.services.all()}
    definitions = option_of(setup).services(answers_of(setup))
    prints = _fingerprints(setup)
    return [_planned(setup, definition, services.get(definition.name), prints) for definition in definitions]


def _fingerprints(setup: Setup) -> dict[str, str]:
    """Return the fingerprint of each secret that the set-up would send now."""
    return {row.kind: row.fingerprint for row in chosen_secrets(setup)}


def _planned(
    setup: Setup, definition: ServiceDefinition, service: Service | None, prints: Mapping[str, str]
) -> Planned:
    if service is None:
        return Planned(definition, Intent.CREATE, [])
    changed = differences(service, snapshot(definition.body, prints))
    if not changed or (service.state == ServiceState.FOUND and not setup.replaces_active_option):
        return Planned(definition, Intent.LEAVE, [], service)
    return Planned(definition, Intent.REPLACE, changed, service)


def nothing_to_send(planned: list[Planned]) -> str:
    """Return the message for a plan without requests; it names services that are not verified."""
    unverified = [each.definition.name for each in planned if each.service and each.service.is_unverified]
    if unverified:
        return (
            f"There is nothing to send: {' and '.join(unverified)} stands in Digital Channels, not verified. "
            "Check it on the page “Services”; “Try to replace” there sends it again."
        )
    return "Digital Channels has all services with these values, so there is nothing to send."
