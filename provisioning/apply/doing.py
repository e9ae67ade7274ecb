"""A plan carried out: each change through the action that the pages call, with its permission and its line of history."""

from django.core.exceptions import ValidationError

from portal.audit.actors import Actor
from portal.tenants.actions import add_tenant, edit_tenant
from portal.tenants.models import Tenant
from portal.vault.actions import store_credential
from provisioning.actions import begin_setup, reopen_setup, resume_setup, start_setup, take_answers
from provisioning.apply.planning import Plan, Todo
from provisioning.models import Setup
from senders.actions import add_senders, change_sender
from senders.providers import provider_of


def carry_out(actor: Actor, plan: Plan) -> Setup | None:
    """Do all that the plan says; returns the set-up to follow, if there is one. Raises ValidationError."""
    tenant = _tenant(actor, plan)
    for kind, value in plan.secrets.items():
        store_credential(actor, tenant.pk, kind, value)
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
        case Todo.BEGIN if option:
            setup = begin_setup(actor, tenant, option.key)
    if setup is None:
        raise ValidationError("There is no set-up to start.")
    return start_setup(actor, take_answers(actor, setup, plan.answers), open_steps_allowed=plan.entry.left_out)
