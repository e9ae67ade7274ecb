"""What this room lends to the tenants' pages and actions below it."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from django.urls import reverse

from portal.tenants.columns import Cell
from portal.tenants.models import Tenant
from provisioning.models import LIVE, Setup, SetupState
from provisioning.options import OPTIONS
from provisioning.tones import tone_of


def sms_cells(tenant_ids: Sequence[UUID]) -> Mapping[UUID, Cell]:
    """Return each tenant's newest set-up as a cell: one query for all of them."""
    setups = Setup.objects.filter(tenant_id__in=tenant_ids).exclude(state=SetupState.DISCARDED)
    return {setup.tenant_id: _cell(setup) for setup in setups.order_by("begun_at")}


def _cell(setup: Setup) -> Cell:
    title = OPTIONS[setup.option].title
    return Cell(f"{title}: {setup.get_state_display().lower()}", tone_of(setup), reverse("setup", args=[setup.pk]))


def lock_ccid(tenant: Tenant) -> str | None:
    """Refuse a new contact centre id where services were created under the old one, or are about to be."""
    if tenant.services.exists() or tenant.setups.filter(state__in=LIVE).exists():
        return "Services exist under the present contact centre id. Add another tenant for the new one."
    return None


def lock_archive(tenant: Tenant) -> str | None:
    """Refuse to archive in the middle of a run."""
    if tenant.setups.filter(state__in=LIVE).exists():
        return "A set-up of this tenant is running. Wait until it has ended, then archive the tenant."
    return None
