"""Services that exist: replacing one, reading it back, and ticking off what was changed by hand.

Nexus documents only a create. So a changed value is sent as another create, and only the answer is believed: a 2xx
replaced it, a 409 means that Nexus kept the old one. Reading back is inferred, and said so where it does not work.
"""

from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from portal.accounts.permission import no_longer, require
from portal.accounts.rights import Right
from portal.audit.actors import Actor, worker_for
from portal.audit.recording import Target, record
from portal.audit.verbs import Verb
from portal.outbound.calls import exchange
from portal.outbound.errors import NotFound, OutboundError, Rejected
from portal.tenants.actions import refuse_if_archived
from portal.vault.actions import CredentialMissing, reveal_for_sending
from portal.vault.kinds import Kind
from portal.vault.sealing import DoesNotOpen
from portal.wakeups import wake_after_commit
from provisioning import nexus
from provisioning.actions_on_draft import begin_setup
from provisioning.actions_on_run import start_setup
from provisioning.models import Service, ServiceState, Setup, SetupStep, StepState

CHECK_TASK = "provisioning.tasks.run_check"


@transaction.atomic
def replace_service(actor: Actor, service: Service) -> Setup:
    """Send the service's present definition again, as a set-up of one step. Raises ValidationError."""
    setup = begin_setup(actor, service.tenant, service.setup.option)
    return start_setup(actor, setup, only=frozenset({service.name}))


@transaction.atomic
def mark_done_by_hand(actor: Actor, service: Service) -> Service:
    """Note that somebody gave the service in Nexus the values that are wanted. Raises ValidationError."""
    require(actor, Right.RUN_SETUP, service.tenant_id)
    refuse_if_archived(service.tenant)
    service = Service.objects.select_for_update().select_related("tenant").get(pk=service.pk)
    if service.state != ServiceState.DIFFERS:
        raise ValidationError(f"{service.name} does not differ from what is wanted.")
    step = (
        SetupStep.objects.filter(setup__tenant_id=service.tenant_id, service=service.name, state=StepState.KEPT)
        .order_by("-finished_at")
        .select_related("setup")
        .first()
    )
    changes = {"state": [service.state, ServiceState.CREATED.value]}
    service.state, service.sent, service.wanted = ServiceState.CREATED, service.wanted, {}
    service.setup = step.setup if step else service.setup
    service.save()
    record(Verb.SERVICE_BY_HAND, _target(service), actor, tenant_id=service.tenant_id, changes=changes)
    return service


@transaction.atomic
def ask_check(actor: Actor, service: Service) -> None:
    """Let a worker read the service back."""
    require(actor, Right.RUN_SETUP, service.tenant_id)
    refuse_if_archived(service.tenant)
    asked = {"check_asked_by": actor.user_id, "check_asked_by_label": actor.label}
    Service.objects.filter(pk=service.pk).update(check_asked_at=timezone.now(), **asked)
    record(Verb.SERVICE_CHECK_ASKED, _target(service), actor, tenant_id=service.tenant_id)
    wake_after_commit(CHECK_TASK, service.pk)


def check(service_id: UUID) -> None:
    """Read a service back from Nexus and write down what that shows; a repeated message does no harm."""
    service = Service.objects.select_related("tenant").filter(pk=service_id, check_asked_at__isnull=False).first()
    if service is None:
        return
    actor = worker_for(service.check_asked_by_id, service.check_asked_by_label)
    try:
        require(actor, Right.RUN_SETUP, service.tenant_id)
        refuse_if_archived(service.tenant)
    except (PermissionDenied, ValidationError) as error:
        why = " ".join(error.messages) if isinstance(error, ValidationError) else no_longer(actor, Right.RUN_SETUP)
        _keep(service, actor, Verb.WORK_REFUSED, "warning", f"It was not read. {why}")
    else:
        _keep(service, actor, Verb.SERVICE_CHECKED, *_read_back(service))


@transaction.atomic
def _keep(service: Service, actor: Actor, verb: Verb, tone: str, sentence: str) -> None:
    """Write down what came of it, once: of two workers that were woken, the first."""
    asked = Service.objects.filter(pk=service.pk, check_asked_at=service.check_asked_at)
    found = {"checked_at": timezone.now(), "check_tone": tone, "check_sentence": sentence}
    if asked.update(check_asked_at=None, **found):
        changes = {"result": [service.check_tone or None, tone]}
        record(verb, _target(service), actor, tenant_id=service.tenant_id, changes=changes, reason=sentence)


def _read_back(service: Service) -> tuple[str, str]:
    """Return tone and sentence: only the part without secrets can be compared."""
    try:
        secrets = reveal_for_sending(service.tenant_id, [Kind.NEXUS_API_KEY])
        request = nexus.read_service(service.tenant, service.name)
        answer = exchange(request, secrets, tenant_id=service.tenant_id, subject_id=service.pk)
        there = nexus.definition_in(answer)
    except (NotFound, Rejected):
        return "neutral", "Nexus does not answer questions about this service, so the portal cannot check it."
    except (OutboundError, CredentialMissing, DoesNotOpen) as error:
        return "warning", f"It could not be read. {error}"
    ours = {name: value for name, value in service.sent.get("body", {}).items() if name != "secret"}
    if not ours:
        return "warning", "It is there. What it holds was not sent by this portal, so there is nothing to compare."
    if {name: there.get(name) for name in ours} == ours:
        return "good", "It is there, and what can be read is what was sent. Secrets cannot be read back."
    return "bad", "It is there, but holds other values than those that were sent; the answer stands with the request."


def _target(service: Service) -> Target:
    return Target("service", str(service.pk), service.name)
