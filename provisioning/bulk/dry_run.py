"""Dry run of an import: prints the requests as curl, with `$NAMES` in place of secrets, and changes nothing."""

from collections.abc import Iterator, Sequence
from functools import partial

from portal.core.isolation import alone
from portal.http_client.curl import curl_twin
from portal.tenants.models import Tenant
from provisioning import nexus
from provisioning.bulk.entries import Entry
from provisioning.bulk.importer import STUMBLED, portions, word_of
from provisioning.bulk.planner import Plan, Todo, plan
from provisioning.bulk.progress import Result, Say
from provisioning.bulk.tenant_state import TenantState, tenant_states
from provisioning.models import ServiceState
from provisioning.options.base import Option, ServiceDefinition


def rehearse(entries: Sequence[Entry], say: Say, *, replace: bool) -> Result:
    """Print what would be done for each entry; an entry that fails unexpectedly does not stop the others."""
    result = Result()
    for portion in portions(entries):
        found = tenant_states(portion)
        for entry in portion:
            made = partial(_rehearse_one, result, entry, found[entry.path], replace=replace)
            lines = alone(f"{entry.path}, line {entry.line}", made, None)
            if lines is None:
                result.wrong.append(f"{entry.path}, line {entry.line}: {STUMBLED}")
                result.counts["stumbled"] += 1
            for line in lines or ():
                say(line)
    return result


def _rehearse_one(result: Result, entry: Entry, standing: TenantState, *, replace: bool) -> list[str]:
    made = plan(entry, standing, replace=replace)
    lines = list(_told(made))
    if made.todo is not Todo.REPLACE:
        result.wrong += map(str, made.deviations)
    result.counts[word_of(made)] += 1
    return lines


def _told(made: Plan) -> Iterator[str]:
    entry = made.entry
    yield f"# {entry.path}, {entry.name}: {', '.join(_changes(made)) or 'nothing to change'}"
    for service in made.standing.services.values():
        if service.state == ServiceState.ACCEPTED:
            yield f"# {service.name} was accepted, not verified: it would be read back."
    if draft := made.used_draft:
        yield f"# The draft that {draft.changed_by_label} changed last would be filled in and run."
    if entry.option:
        tenant = Tenant(name=entry.name, ccid=entry.ccid, nexus_url=entry.nexus_url)
        for blocker in entry.option.blockers(tenant) if made.todo is not Todo.NOTHING else ():
            yield f"# {blocker}"
        for definition in _to_send(made, entry.option):
            yield curl_twin(nexus.create_service(tenant, definition))


def _changes(made: Plan) -> Iterator[str]:
    if made.standing.tenant is None:
        yield "the tenant"
    yield from (name for name in made.facts)
    yield from (kind.label for kind in made.secrets)
    if numbers := [each.number for each in made.senders] + [sender.number for sender, _ in made.sender_changes]:
        yield f"sender IDs {', '.join(numbers)}"
    if made.todo is not Todo.NOTHING:
        yield f"the set-up ({made.todo.name.lower()})"


def _to_send(made: Plan, option: Option) -> list[ServiceDefinition]:
    """Return the services that would be sent: missing ones, and those to be replaced."""
    if made.todo in {Todo.NOTHING, Todo.FOLLOW}:
        return []
    definitions = option.services(made.entry.all_answers)
    if made.todo is Todo.REPLACE and made.replaces_active_option:
        return definitions
    return [each for each in definitions if each.name in made.replaced or not _stands(made.standing, each)]


def _stands(standing: TenantState, definition: ServiceDefinition) -> bool:
    return definition.name in standing.services
