"""What the database has of the file's tenants, fetched as sets: as many queries for a hundred tenants as for one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from portal.tenants.models import Tenant
from portal.vault.models import Credential
from provisioning.apply.entries import Entry
from provisioning.models import ENDED, LIVE, Service, Setup, SetupState
from senders.models import SenderId


@dataclass
class Standing:
    """All that is known of one tenant; empty if it is new."""

    tenant: Tenant | None = None
    setups: list[Setup] = field(default_factory=list)  # the newest first, without discarded ones
    services: dict[str, Service] = field(default_factory=dict)
    credentials: dict[str, Credential] = field(default_factory=dict)
    senders: dict[str, SenderId] = field(default_factory=dict)

    @property
    def active_option(self) -> str | None:
        """Return the key of the option that the tenant is set up with, as `one_option.active_option` does."""
        holding = {service.setup_id for service in self.services.values()}
        own = {setup.pk: setup.option for setup in self.setups}
        if "SMS" in self.services:
            return own.get(self.services["SMS"].setup_id)
        held = (each for each in self.setups if each.state in LIVE | ENDED - {SetupState.DIFFERS} or each.pk in holding)
        return next((each.option for each in held), None)

    def setup_of(self, option_key: str) -> Setup | None:
        """Return the set-up that tells how far the option is: one that runs, else one that ended, else a draft."""
        own = [each for each in self.setups if each.option == option_key]
        ranks = (LIVE, ENDED | {SetupState.FAILED}, {SetupState.DRAFT})
        return next((each for rank in ranks for each in own if each.state in rank), None)

    def draft_of(self, option_key: str) -> Setup | None:
        """Return the draft of an option that waits to be run; whoever sets the option up goes on with it."""
        own = (each for each in self.setups if each.option == option_key and not each.is_replacement)
        return next((each for each in own if each.state == SetupState.DRAFT), None)


def standings(entries: Sequence[Entry]) -> dict[str, Standing]:
    """Return each entry's standing by its path."""
    tenants = Tenant.objects.filter(ccid__in=[entry.ccid for entry in entries])
    by_key = {(each.tenant.ccid, each.tenant.nexus_url): each for each in standings_of(tenants) if each.tenant}
    return {entry.path: by_key.get(entry.key) or Standing() for entry in entries}


def standings_of(tenants: Iterable[Tenant]) -> list[Standing]:
    """Return the standing of each tenant, in their order."""
    by_tenant = {row.pk: Standing(row) for row in tenants}
    if by_tenant:
        _fill(by_tenant)
    return list(by_tenant.values())


def _fill(by_tenant: dict[Any, Standing]) -> None:
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


def _tenant(by_tenant: dict[Any, Standing], setup: Setup) -> Tenant:
    tenant = by_tenant[setup.tenant_id].tenant
    assert tenant is not None  # noqa: S101 - they were fetched by their tenants
    return tenant
