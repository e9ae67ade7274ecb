"""Tenant state: what the database has about the file's tenants, with a fixed number of queries per set."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from portal.tenants.models import Tenant
from portal.vault.models import Credential
from provisioning.bulk.entries import Entry
from provisioning.models import ENDED, LIVE, Service, Setup, SetupState
from provisioning.runs.active_option import active_options
from senders.models import SenderId


@dataclass
class TenantState:
    """Everything known about one tenant; empty if it is new."""

    tenant: Tenant | None = None
    setups: list[Setup] = field(default_factory=list)  # newest first, without discarded ones
    services: dict[str, Service] = field(default_factory=dict)
    credentials: dict[str, Credential] = field(default_factory=dict)
    senders: dict[str, SenderId] = field(default_factory=dict)
    active_option: str | None = None

    def setup_of(self, option_key: str) -> Setup | None:
        """Return the set-up that shows the option's progress: live, else finished or failed, else a draft."""
        own = [each for each in self.setups if each.option == option_key]
        ranks = (LIVE, ENDED | {SetupState.FAILED}, {SetupState.DRAFT})
        return next((each for rank in ranks for each in own if each.state in rank), None)

    def draft_of(self, option_key: str) -> Setup | None:
        """Return the option's open draft, which anybody may continue."""
        own = (each for each in self.setups if each.option == option_key and not each.is_replacement)
        return next((each for each in own if each.state == SetupState.DRAFT), None)


def tenant_states(entries: Sequence[Entry]) -> dict[str, TenantState]:
    """Return each entry's tenant state by its path."""
    tenants = Tenant.objects.filter(ccid__in=[entry.ccid for entry in entries])
    by_key = {(each.tenant.ccid, each.tenant.nexus_url): each for each in tenant_states_of(tenants) if each.tenant}
    return {entry.path: by_key.get(entry.key) or TenantState() for entry in entries}


def tenant_states_of(tenants: Iterable[Tenant]) -> list[TenantState]:
    """Return the state of each tenant, in the same order."""
    by_tenant = {row.pk: TenantState(row) for row in tenants}
    if by_tenant:
        _fill(by_tenant)
    return list(by_tenant.values())


def _fill(by_tenant: dict[Any, TenantState]) -> None:
    here = {"tenant_id__in": list(by_tenant)}
    for setup in Setup.objects.filter(**here).exclude(state=SetupState.DISCARDED).order_by("-begun_at"):
        setup.tenant = _tenant(by_tenant, setup)
        by_tenant[setup.tenant_id].setups.append(setup)
    for service in Service.objects.filter(**here):
        by_tenant[service.tenant_id].services[service.name] = service
    for credential in Credential.objects.filter(**here, draft="", is_current=True):
        by_tenant[credential.tenant_id].credentials[credential.kind] = credential
    for sender in SenderId.objects.filter(**here):
        by_tenant[sender.tenant_id].senders[sender.number] = sender
    for tenant_id, option in active_options(by_tenant).items():
        by_tenant[tenant_id].active_option = option


def _tenant(by_tenant: dict[Any, TenantState], setup: Setup) -> Tenant:
    tenant = by_tenant[setup.tenant_id].tenant
    assert tenant is not None  # noqa: S101 - loaded by its tenant
    return tenant
