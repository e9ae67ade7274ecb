"""Hooks of provisioning: what lower packages show, check and lock for a tenant."""

from collections.abc import Iterator, Mapping, Sequence
from uuid import UUID

from django.db.models import Min
from django.urls import reverse
from django.utils import timezone

from genesys_cloud import access
from portal.core.tasks.sweeper import register
from portal.operations import gauges
from portal.operations.gauges import Gauge
from portal.tenants import actions, columns, switcher
from portal.tenants.columns import Cell
from portal.tenants.models import Tenant
from portal.vault import encrypted_fields
from provisioning.models import (
    LIVE,
    UNVERIFIED,
    KeyRequest,
    Service,
    Setup,
    SetupState,
)
from provisioning.options import OPTIONS
from provisioning.options.custom_gateway import webhook_test
from provisioning.options.genesys_cloud import key_requests
from provisioning.options.genesys_cloud.access import access_of_tenant
from provisioning.runs.active_option import active_option
from provisioning.runs.sweeper import SETUPS
from provisioning.services import actions as services_actions
from provisioning.severity import tone_of
from senders import checks, providers
from senders.checks import Finding, finding
from senders.models import SenderId


def _in_state(state: SetupState) -> float:
    return float(Setup.objects.filter(state=state).count())


def _oldest_waiting() -> float | None:
    oldest = Setup.objects.filter(state=SetupState.QUEUED).aggregate(oldest=Min("started_at"))["oldest"]
    return (timezone.now() - oldest).total_seconds() if oldest else None


def _unverified() -> float:
    return float(Service.objects.filter(state__in=UNVERIFIED).count())


GAUGES = (
    Gauge("setups_queued", "Set-ups that wait", lambda: _in_state(SetupState.QUEUED)),
    Gauge("setups_running", "Set-ups that run", lambda: _in_state(SetupState.RUNNING)),
    Gauge("setups_oldest_waiting_seconds", "Oldest waiting set-up", _oldest_waiting, seconds=True),
    Gauge("services_unverified", "Services not verified", _unverified),
)


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


for kind in (SETUPS, webhook_test.KIND, services_actions.CHECKS, key_requests.KIND):
    register(kind)
encrypted_fields.register(encrypted_fields.EncryptedField(Setup, "answers", Setup.answers_place))
encrypted_fields.register(encrypted_fields.EncryptedField(KeyRequest, "sealed", KeyRequest.place))
switcher.keep("services")
columns.register(columns.Column("SMS", sms_cells))
actions.ccid_locks.append(lock_ccid)
actions.archive_locks.append(lock_archive)
for gauge in GAUGES:
    gauges.register(gauge)
providers.register(provider_of)
checks.register(provider_is_the_tenants)
access.register(access_of_tenant)
