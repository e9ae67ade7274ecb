"""Hooks of provisioning: what lower packages show, check and lock for a tenant."""

from collections.abc import Iterator, Mapping, Sequence
from uuid import UUID

from django.urls import reverse

from portal.tenants.columns import Cell
from portal.tenants.models import Tenant
from provisioning.models import LIVE, Setup, SetupState
from provisioning.one_option import active_option
from provisioning.options import OPTIONS
from provisioning.tones import tone_of
from senders.lint import Finding, finding
from senders.models import SenderId


def sms_cells(tenant_ids: Sequence[UUID]) -> Mapping[UUID, Cell]:
    """Return a cell with the newest set-up of each tenant, in one query; a draft only if nothing has run yet."""
    setups = Setup.objects.filter(tenant_id__in=tenant_ids).exclude(state=SetupState.DISCARDED)
    shown: dict[UUID, Setup] = {}
    for setup in setups.order_by("begun_at"):
        before = shown.get(setup.tenant_id)
        if setup.state != SetupState.DRAFT or before is None or before.state == SetupState.DRAFT:
            shown[setup.tenant_id] = setup
    return {tenant_id: _cell(setup) for tenant_id, setup in shown.items()}


def _cell(setup: Setup) -> Cell:
    title = OPTIONS[setup.option].title
    return Cell(f"{title}: {setup.get_state_display().lower()}", tone_of(setup), reverse("setup", args=[setup.pk]))


def lock_ccid(tenant: Tenant) -> str | None:
    """Refuse to change the contact centre id if services exist under it or are about to be created."""
    if tenant.services.exists() or tenant.setups.filter(state__in=LIVE).exists():
        return "Services exist under the present contact centre id. Add another tenant for the new one."
    return None


def lock_archive(tenant: Tenant) -> str | None:
    """Refuse to archive a tenant while a set-up runs."""
    if tenant.setups.filter(state__in=LIVE).exists():
        return "A set-up of this tenant is running. Wait until it has ended, then archive the tenant."
    return None


def provider_of(tenant: Tenant) -> str | None:
    """Return the provider of the tenant's active option."""
    active = active_option(tenant)
    return OPTIONS[active].provider if active else None


def provider_is_the_tenants(tenant: Tenant, senders: Sequence[SenderId]) -> Iterator[Finding]:
    """Find sender IDs whose provider differs from the tenant's SMS service; their messages are lost."""
    wanted = provider_of(tenant)
    for sender in senders:
        there = sender.observed.get("provider", sender.provider)
        if wanted and there != wanted:
            yield finding(
                sender, "bad", f"Its provider is {there}, but the tenant's SMS service is set up with {wanted}."
            )
