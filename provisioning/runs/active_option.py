"""Active option of a tenant: only one at a time, since all three options create the service SMS."""

from collections.abc import Iterable
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import Q

from portal.tenants.models import Tenant
from provisioning.models import ENDED, LIVE, Setup, SetupState, SetupStep, StepState
from provisioning.options import OPTIONS


def active_option(tenant: Tenant) -> str | None:
    """Return the key of the active option, or None."""
    return active_options([tenant.pk]).get(tenant.pk)


def active_options(tenant_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Return the key of each tenant's active option, without the tenants that have none.

    That is the option which created the tenant's service SMS. If there is none, it is the newest one that runs,
    succeeded, or created another service.
    """
    in_use = Q(state__in=LIVE | {SetupState.SUCCEEDED}) | Q(services__isnull=False)
    setups = Setup.objects.filter(in_use, tenant__in=list(tenant_ids)).order_by("begun_at")
    rows = list(setups.values_list("tenant_id", "option", "services__name"))
    newest = {tenant_id: option for tenant_id, option, _ in rows}
    return newest | {tenant_id: option for tenant_id, option, service in rows if service == "SMS"}


def setup_before(setup: Setup, service: str) -> Setup | None:
    """Return the set-up that last sent this service before `setup` and whose values Nexus seemed to take."""
    taken = {StepState.CREATED, StepState.ACCEPTED, StepState.FOUND}
    steps = SetupStep.objects.filter(setup__tenant=setup.tenant_id, service=service, state__in=taken)
    last = steps.exclude(setup=setup.pk).order_by("-finished_at").select_related("setup").first()
    return last.setup if last else None


def live_setup(tenant: Tenant) -> Setup | None:
    """Return the newest finished set-up of the active option: the one whose values the tenant works with.

    Drafts, running set-ups and refused changes of option do not count.
    """
    ended = Setup.objects.filter(tenant=tenant, option=active_option(tenant) or "", state__in=ENDED)
    return ended.order_by("-finished_at").first()


def refuse_second_option(tenant: Tenant, option_key: str, *, replaces_active_option: bool) -> None:
    """Raise ValidationError if another option is active and this one does not replace it."""
    active = active_option(tenant)
    if active and active != option_key and not replaces_active_option:
        raise ValidationError(
            f"{tenant.name} is set up with {OPTIONS[active].title}. One option is active in a tenant at a time, "
            "since each creates the service SMS.",
            code="other option",
        )
