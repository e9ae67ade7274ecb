"""Row locks for actions on a set-up, and checks of its state."""

from uuid import UUID

from django.core.exceptions import ValidationError

from portal.tenants.actions import refuse_if_archived
from portal.tenants.models import Tenant
from provisioning.models import Setup, SetupState


def locked_tenant(tenant_id: UUID) -> Tenant:
    """Lock and return the tenant, so that two options cannot start at once. Raises ValidationError if archived.

    The lock is `no_key`: with a full lock, workers that insert rows for this tenant while they hold a set-up would
    deadlock with us.
    """
    locked = Tenant.objects.select_for_update(no_key=True).get(pk=tenant_id)
    refuse_if_archived(locked)
    return locked


def locked_with_tenant(setup: Setup) -> Setup:
    """Lock and return the set-up and its tenant, always the tenant first, which avoids deadlocks."""
    tenant = locked_tenant(setup.tenant_id)
    locked = Setup.objects.select_for_update(no_key=True).get(pk=setup.pk)
    locked.tenant = tenant
    return locked


def demand_state(setup: Setup, state: SetupState, otherwise: str) -> None:
    """Raise a ValidationError that ends with `otherwise` unless the set-up is in this state."""
    if setup.state != state:
        raise ValidationError(f"This set-up is {setup.get_state_display().lower()}. {otherwise}", code="state")
