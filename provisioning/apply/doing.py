"""Execution of import plans through the actions that the pages call, each with its permission and its event."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from django.core.exceptions import ValidationError

from portal.audit.actors import Actor
from portal.audit.transactions import atomic
from portal.tenants.actions import add_tenant, add_tenants, edit_tenant
from portal.tenants.models import Tenant
from portal.vault.actions import forget_draft, store_credential, store_first_credentials
from portal.vault.binding import Binding
from portal.vault.kinds import Kind
from provisioning.actions_in_bulk import FirstSetup, start_first_setups
from provisioning.actions_on_draft import begin_setup, take_answers
from provisioning.actions_on_run import reopen_setup, resume_setup, start_setup
from provisioning.apply.entries import Entry
from provisioning.apply.planning import Plan, Todo, bindings_of
from provisioning.drafts import draft_of
from provisioning.locking import locked_tenant
from provisioning.models import Setup
from senders.actions import SenderFacts, add_first_senders, add_senders, change_sender
from senders.providers import provider_of


@atomic
def add_all(actor: Actor, entries: Sequence[Entry]) -> list[Setup]:
    """Add new tenants with everything that the file has about them; return their set-ups. Raises ValidationError."""
    tenants = [Tenant(name=each.name, ccid=each.ccid, nexus_url=each.nexus_url) for each in entries]
    pairs = list(zip(tenants, entries, strict=True))
    add_tenants(actor, tenants)
    store_first_credentials(actor, [each for tenant, entry in pairs for each in _all_secrets(tenant, entry)])
    add_first_senders(actor, [(tenant.pk, facts) for tenant, entry in pairs for facts in _all_senders(tenant, entry)])
    first = [FirstSetup(tenant, entry.option, entry.answers) for tenant, entry in pairs if entry.option]
    return start_first_setups(actor, first)


def _all_secrets(tenant: Tenant, entry: Entry) -> Iterator[tuple[UUID, Kind, str, Binding]]:
    """Yield the file's secrets with their bindings."""
    bindings = bindings_of(entry, tenant, entry.all_answers)
    yield from ((tenant.pk, kind, value, bindings.get(kind, Binding())) for kind, value in entry.secrets.items())


def _all_senders(tenant: Tenant, entry: Entry) -> list[SenderFacts]:
    """Return the file's sender IDs, plus the numbers in the option's answers that are not among them."""
    provider = entry.option.provider if entry.option else provider_of(tenant)
    listed = {each.number for each in entry.senders}
    numbers = entry.option.sender_numbers(entry.all_answers) if entry.option else []
    drafts = [SenderFacts(number, provider=provider) for number in dict.fromkeys(numbers) if number not in listed]
    return [*(each.facts(provider) for each in entry.senders), *drafts]


def carry_out(actor: Actor, plan: Plan) -> Setup | None:
    """Carry out one plan and return the set-up to follow, if any. Raises ValidationError."""
    return plan.setup if plan.changes_nothing else _carry_out(actor, plan)


@atomic
def _carry_out(actor: Actor, plan: Plan) -> Setup | None:
    tenant = _tenant(actor, plan)
    bindings = bindings_of(plan.entry, tenant, plan.all_answers)
    for kind, value in plan.secrets.items():
        store_credential(actor, tenant.pk, kind, value, binding=bindings.get(kind, Binding()))
    if plan.senders:
        provider = plan.entry.option.provider if plan.entry.option else provider_of(tenant)
        add_senders(actor, tenant.pk, [each.facts(provider) for each in plan.senders])
    for sender, facts in plan.sender_changes:
        change_sender(actor, sender, facts)
    return _set_up(actor, plan, tenant)


def _tenant(actor: Actor, plan: Plan) -> Tenant:
    entry, tenant = plan.entry, plan.standing.tenant
    if tenant is None:
        return add_tenant(actor, name=entry.name, ccid=entry.ccid, nexus_url=entry.nexus_url)
    tenant = locked_tenant(tenant.pk)  # locked before its secrets and sender IDs, as in all actions
    return edit_tenant(actor, tenant, **plan.facts) if plan.facts else tenant


def _set_up(actor: Actor, plan: Plan, tenant: Tenant) -> Setup | None:
    setup, option = plan.setup, plan.entry.option
    match plan.todo:
        case Todo.NOTHING | Todo.FOLLOW:
            return setup
        case Todo.RESUME if setup:
            return resume_setup(actor, setup)
        case Todo.MEND if setup:
            setup = reopen_setup(actor, setup)
        case Todo.BEGIN | Todo.REPLACE if option:
            setup = begin_setup(actor, tenant, option.key, switch=plan.switches)
    if setup is None:
        raise ValidationError("There is no set-up to start.")
    forget_draft(actor, tenant.pk, draft_of(setup))  # the file has all of its secrets, already stored
    setup = take_answers(actor, setup, plan.answers)
    only = plan.replaced if plan.todo is Todo.REPLACE else frozenset[str]()
    return start_setup(actor, setup, open_steps_allowed=plan.entry.left_out, only=only)
