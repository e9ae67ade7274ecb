"""The rows that an action on a set-up locks, and the state it demands of them."""

from uuid import UUID

from django.core.exceptions import ValidationError

from portal.tenants.actions import refuse_if_archived
from portal.tenants.models import Tenant
from provisioning.models import Setup, SetupState


def locked_tenant(tenant_id: UUID) -> Tenant:
    """Return the tenant, locked so that two options cannot start at once; raises ValidationError if archived.

    Not its key: workers that refer to the tenant while they hold a set-up must not wait for us, who wait for them.
    """
    locked = Tenant.objects.select_for_update(no_key=True).get(pk=tenant_id)
    refuse_if_archived(locked)
    return locked


def locked_with_tenant(setup: Setup) -> Setup:
    """Return the set-up and its tenant, both locked; always the tenant first, so that nobody waits in a circle."""
    tenant = locked_tenant(setup.tenant_id)
    locked = Setup.objects.select_for_update(no_key=True).get(pk=setup.pk)
    locked.tenant = tenant
    return locked


def demand_state(setup: Setup, state: SetupState, otherwise: str) -> None:
    """Raise a ValidationError that ends with `otherwise` if the set-up is in another state."""
    if setup.state != state:
        raise ValidationError(f"This set-up is {setup.get_state_display().lower()}. {otherwise}", code="state")
