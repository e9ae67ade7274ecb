"""One option is active in a tenant at a time: all three create the service SMS."""

from django.core.exceptions import ValidationError

from portal.tenants.models import Tenant
from provisioning.models import ENDED, LIVE, Setup, SetupState, SetupStep, StepState
from provisioning.options import OPTIONS


def active_option(tenant: Tenant) -> str | None:
    """Return the key of the option whose service SMS the tenant has, or else of the one that runs or ran."""
    if sms := tenant.services.filter(name="SMS").select_related("setup").first():
        return sms.setup.option
    setups = Setup.objects.filter(tenant=tenant)
    running = setups.filter(state__in=LIVE | {SetupState.SUCCEEDED})
    holding = setups.filter(services__isnull=False)
    return (running | holding).distinct().order_by("-begun_at").values_list("option", flat=True).first()


def setup_before(setup: Setup, service: str) -> Setup | None:
    """Return the set-up whose values of a service Nexus was taken to have before this one sent it again."""
    taken = {StepState.CREATED, StepState.ACCEPTED, StepState.FOUND}
    steps = SetupStep.objects.filter(setup__tenant=setup.tenant_id, service=service, state__in=taken)
    last = steps.exclude(setup=setup.pk).order_by("-finished_at").select_related("setup").first()
    return last.setup if last else None


def live_setup(tenant: Tenant) -> Setup | None:
    """Return the set-up that tells what the tenant works with: the newest of the active option that asked for all.

    Drafts, runs on their way, and changes of option that Nexus refused say nothing about it.
    """
    ended = Setup.objects.filter(tenant=tenant, option=active_option(tenant) or "", state__in=ENDED)
    return ended.order_by("-finished_at").first()


def refuse_second_option(tenant: Tenant, option_key: str, *, switches: bool) -> None:
    """Raise ValidationError if another option is active in the tenant, and this one shall not take its place."""
    active = active_option(tenant)
    if active and active != option_key and not switches:
        raise ValidationError(
            f"{tenant.name} is set up with {OPTIONS[active].title}. One option is active in a tenant at a time, "
            "since each creates the service SMS.",
            code="other option",
        )
