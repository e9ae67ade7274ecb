"""Actions on tenants: add, edit, archive."""

from collections.abc import Callable, Sequence
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from portal.accounts.actions import join_all_as_administrator, join_as_administrator
from portal.accounts.permission import require
from portal.accounts.rights import Right
from portal.audit.actors import Actor
from portal.audit.recording import NewEvent, Target, record, record_many
from portal.audit.transactions import atomic
from portal.audit.verbs import Verb
from portal.core.origins import origin_of
from portal.tenants.addresses import normal_base_url
from portal.tenants.models import Tenant
from portal.vault.actions import leave_nexus, store_credential
from portal.vault.binding import Binding
from portal.vault.kinds import Kind
from portal.vault.lookup import stored_for

#: Hooks that run before a contact centre id changes; each returns the reason if it must not. Apps register theirs.
ccid_locks: list[Callable[[Tenant], str | None]] = []
#: Hooks that run before a tenant is archived; each returns the reason if it must not. Apps register theirs.
archive_locks: list[Callable[[Tenant], str | None]] = []

LONGEST_REASON = 500


def target(tenant: Tenant) -> Target:
    """Return the tenant as the target of an event."""
    return Target("tenant", str(tenant.pk), tenant.name)


@atomic
def add_tenant(actor: Actor, *, name: str, ccid: UUID, nexus_url: str, nexus_api_key: str | None = None) -> Tenant:
    """Add a tenant; the person who adds it becomes its administrator. Raises ValidationError."""
    require(actor, Right.ADD_TENANT)
    tenant = Tenant(name=name, ccid=ccid, nexus_url=normal_base_url(nexus_url))
    _save(tenant)
    record_many([_created(tenant)], actor)
    join_as_administrator(actor, tenant.pk)
    if nexus_api_key:
        _store_key(actor, tenant, nexus_api_key)
    return tenant


@atomic
def add_tenants(actor: Actor, tenants: Sequence[Tenant]) -> None:
    """Add several tenants, all or none, with few statements; their URLs must be normalised. Raises ValidationError."""
    require(actor, Right.ADD_TENANT)
    for tenant in tenants:
        tenant.clean_fields()
    try:
        with transaction.atomic():
            Tenant.objects.bulk_create(sorted(tenants, key=lambda tenant: (str(tenant.ccid), tenant.nexus_url)))
    except IntegrityError as error:
        raise ValidationError({"ccid": Tenant.TAKEN}) from error
    record_many([_created(tenant) for tenant in tenants], actor)
    join_all_as_administrator(actor, [tenant.pk for tenant in tenants])


def _created(tenant: Tenant) -> NewEvent:
    changes = {field: [None, value] for field, value in _facts(tenant).items()}
    return NewEvent(Verb.TENANT_CREATED, target(tenant), tenant.pk, changes)


@atomic
def edit_tenant(  # noqa: PLR0913 - the fields of a tenant that this action changes
    actor: Actor,
    tenant: Tenant,
    *,
    name: str | None = None,
    ccid: UUID | None = None,
    nexus_url: str | None = None,
    nexus_api_key: str | None = None,
) -> Tenant:
    """Change name, ccid, nexus_url or API key; None leaves a field unchanged. Raises ValidationError.

    If the URL changes to another scheme, host or port, no stored secret is sent there: the API key is deleted unless a
    new one is given, and the other secrets must be entered again before they are sent to Digital Channels.
    """
    require(actor, Right.CHANGE_TENANT, tenant.pk)
    tenant = Tenant.objects.select_for_update(no_key=True).get(pk=tenant.pk)
    refuse_if_archived(tenant)
    before = _facts(tenant)
    tenant.name = tenant.name if name is None else name
    tenant.ccid = tenant.ccid if ccid is None else ccid
    tenant.nexus_url = tenant.nexus_url if nexus_url is None else normal_base_url(nexus_url)
    changes = {field: [before[field], value] for field, value in _facts(tenant).items() if before[field] != value}
    if "ccid" in changes:
        _refuse_if(ccid_locks, tenant, "ccid")
    moves = "nexus_url" in changes and origin_of(before["nexus_url"]) != origin_of(tenant.nexus_url)
    if changes:
        _save(tenant)
    if moves:
        leave_nexus(actor, tenant.pk, has_new_key=bool(nexus_api_key))
    if nexus_api_key:
        _store_key(actor, tenant, nexus_api_key)
    if changes:
        record(Verb.TENANT_CHANGED, target(tenant), actor, tenant_id=tenant.pk, changes=changes)
    return tenant


@atomic
def archive_tenant(actor: Actor, tenant: Tenant, *, reason: str = "") -> Tenant:
    """Archive the tenant; its history stays. Archiving it again changes nothing. Raises ValidationError."""
    require(actor, Right.ARCHIVE_TENANT, tenant.pk)
    if len(reason) > LONGEST_REASON:
        raise ValidationError(f"A reason has at most {LONGEST_REASON} characters; this has {len(reason):,}.")
    tenant = Tenant.objects.select_for_update(no_key=True).get(pk=tenant.pk)
    if tenant.archived_at is None:
        _refuse_if(archive_locks, tenant, None)
        tenant.archived_at = timezone.now()
        tenant.save(update_fields=["archived_at"])
        record(
            Verb.TENANT_ARCHIVED,
            target(tenant),
            actor,
            tenant_id=tenant.pk,
            changes={"archived": [False, True]},
            reason=reason,
        )
    return tenant


def _facts(tenant: Tenant) -> dict[str, str]:
    """Return the editable fields of a tenant as the history records them."""
    return {"name": tenant.name, "ccid": str(tenant.ccid), "nexus_url": tenant.nexus_url}


def secrets_left_behind(tenant: Tenant, nexus_url: str) -> str:
    """Return a warning about secrets that must be entered again after a change to this URL, or "".

    The Nexus API key is not included: the form asks for it.
    """
    rows = [row for row in stored_for(tenant.pk) if row.nexus_origin not in {"", origin_of(nexus_url)}]
    if not rows:
        return ""
    named = ", ".join(sorted(row.label for row in rows))
    return (
        f"What was entered for the old address is not handed to the new one: {named}. Enter it before the next set-up."
    )


def _store_key(actor: Actor, tenant: Tenant, key: str) -> None:
    store_credential(actor, tenant.pk, Kind.NEXUS_API_KEY, key, binding=Binding.to(tenant.nexus_url))


def _save(tenant: Tenant) -> None:
    """Validate and save; raises ValidationError, also if another tenant has just taken the same URL and id."""
    tenant.clean_fields()
    try:
        with transaction.atomic():
            tenant.save()
    except IntegrityError as error:
        raise ValidationError({"ccid": Tenant.TAKEN}) from error


def refuse_if_archived(tenant: Tenant) -> None:
    """Raise ValidationError if the tenant is archived."""
    if tenant.archived_at is not None:
        raise ValidationError(f"{tenant.name} was archived, so nothing about it can be changed.", code="archived")


def _refuse_if(locks: list[Callable[[Tenant], str | None]], tenant: Tenant, field: str | None) -> None:
    reasons = [reason for lock in locks if (reason := lock(tenant))]
    if reasons:
        raise ValidationError({field: reasons} if field else reasons)
