"""Checklist actions: mark a manual step outside the portal as done, or undo that."""

from portal.accounts.permission import require
from portal.accounts.rights import Right
from portal.audit.actors import Actor
from portal.audit.recording import Target, record
from portal.audit.transactions import atomic
from portal.audit.verbs import Verb
from portal.tenants.actions import refuse_if_archived
from portal.tenants.models import Tenant
from provisioning.models import Tick


@atomic
def tick(actor: Actor, tenant: Tenant, key: str, label: str) -> Tick:
    """Mark it as done; doing so again changes nothing."""
    require(actor, Right.RUN_SETUP, tenant.pk)
    refuse_if_archived(tenant)
    row, created = Tick.objects.get_or_create(
        tenant=tenant, key=key, defaults={"by_id": actor.user_id, "by_label": actor.label}
    )
    if created:
        changes = {"done": [False, True]}
        record(Verb.TICKED, Target("tick", key, label), actor, tenant_id=tenant.pk, changes=changes)
    return row


@atomic
def untick(actor: Actor, tenant: Tenant, key: str, label: str) -> None:
    """Undo the mark; does nothing if there is none."""
    require(actor, Right.RUN_SETUP, tenant.pk)
    refuse_if_archived(tenant)
    deleted, _ = Tick.objects.filter(tenant=tenant, key=key).delete()
    if deleted:
        changes = {"done": [True, False]}
        record(Verb.UNTICKED, Target("tick", key, label), actor, tenant_id=tenant.pk, changes=changes)


def ticks_of(tenant: Tenant, prefix: str) -> dict[str, Tick]:
    """Return the tenant's marks whose key starts with `prefix`, by key."""
    return {row.key: row for row in Tick.objects.filter(tenant=tenant, key__startswith=prefix)}
