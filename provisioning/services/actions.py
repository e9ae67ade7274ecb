"""Repair of existing services: replace one, read it back, or record a change that a person made in Nexus.

Nexus documents only a create. So a changed value is sent as another create: status code 0 means replaced, 409 that
Nexus kept the old values, and any other 2xx proves nothing. Reading back is inferred; where it does not work, the page
says so.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.utils import timezone

from portal.accounts.permission import no_longer, require
from portal.accounts.rights import Right
from portal.audit.actors import Actor, worker_for
from portal.audit.commit_guard import unaudited
from portal.audit.recording import Target, record
from portal.audit.transactions import atomic
from portal.audit.verbs import Verb
from portal.core.tasks.claim import claim, held, is_free
from portal.core.tasks.publish import send_task_on_commit
from portal.core.tasks.sweeper import GIVEN_UP, MOST_TRIES
from portal.core.tasks.sweeper import Kind as WorkKind
from portal.http_client.call_log import exchange
from portal.http_client.errors import OutboundError
from portal.tenants.actions import refuse_if_archived
from portal.vault.actions import CredentialMissing, reveal_for_redaction, reveal_for_sending
from portal.vault.encryption import DecryptionError
from portal.vault.keyset import KeysetUnusable
from provisioning import nexus
from provisioning.models import ENDED, Service, ServiceState, Setup, SetupState, SetupStep, StepState
from provisioning.runs.actions import start_setup
from provisioning.runs.active_option import setup_before
from provisioning.runs.claims import target as setup_target
from provisioning.runs.results import confirm_step
from provisioning.services.read_back import UNPROVEN, Look, Sight, look, proves, readable, unreadable
from provisioning.wizard.actions import begin_replacement
from provisioning.wizard.drafts import open_steps

CHECK_TASK = "provisioning.tasks.run_check"


@atomic
def replace_service(actor: Actor, service: Service) -> Setup:
    """Send the service again as it was last sent, as a set-up of its own that leaves drafts alone.

    Raises ValidationError.
    """
    source = _sent_last(service)
    if source.state not in ENDED:
        raise ValidationError(
            f"{service.name} belongs to a set-up that is {source.get_state_display().lower()}. Finish that one first: "
            "its answers may have changed since this service was sent."
        )
    setup = begin_replacement(actor, source)
    # An imported set-up may have left steps unanswered. Without any answers, nothing can be sent.
    allowed = frozenset(step.key for step in open_steps(setup)) if setup.answers else frozenset[str]()
    return start_setup(actor, setup, open_steps_allowed=allowed, only=frozenset({service.name}))


def _sent_last(service: Service) -> Setup:
    """Return the set-up that last sent the service."""
    steps = SetupStep.objects.filter(setup__tenant_id=service.tenant_id, service=service.name, attempts__gt=0)
    last = steps.order_by("-finished_at").select_related("setup").first()
    return last.setup if last else service.setup


@atomic
def mark_done_by_hand(actor: Actor, service: Service) -> Service:
    """Record that a person gave the service the wanted values in Nexus, or saw them there.

    Raises ValidationError.
    """
    require(actor, Right.RUN_SETUP, service.tenant_id)
    refuse_if_archived(service.tenant)
    service = _locked(service)
    if service.state == ServiceState.CREATED:
        raise ValidationError(f"{service.name} does not differ from what is wanted.")
    verb = Verb.SERVICE_CONFIRMED if service.is_unverified else Verb.SERVICE_BY_HAND
    changes = {"state": [service.state, ServiceState.CREATED.value]}
    _take_wanted(service)
    service.save()
    record(verb, _target(service), actor, tenant_id=service.tenant_id, changes=changes)
    _heal_setup(actor, service, "A person noted that Digital Channels holds these values.")
    return service


def _locked(service: Service) -> Service:
    """Lock the set-up whose state may change too, then the service, in the order that a run uses."""
    if step := _last_step(service):
        list(Setup.objects.select_for_update(no_key=True).filter(pk=step.setup_id).values("pk"))
    rows = Service.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("tenant", "setup").get(pk=service.pk)


def _take_wanted(service: Service) -> None:
    """Treat the wanted values as what Nexus holds (in memory; the caller saves)."""
    step = _last_step(service)
    service.state, service.sent, service.wanted = ServiceState.CREATED, service.wanted, {}
    service.setup = step.setup if step else service.setup


def _last_step(service: Service) -> SetupStep | None:
    """Return the step that sent the wanted values without proof."""
    unproven = {StepState.ACCEPTED, StepState.FOUND, StepState.KEPT}
    steps = SetupStep.objects.filter(setup__tenant_id=service.tenant_id, service=service.name, state__in=unproven)
    return steps.order_by("-finished_at").select_related("setup__tenant").first()


def _heal_setup(actor: Actor, service: Service, sentence: str) -> None:
    """Mark the unproved step as created, and its set-up as succeeded if nothing else differs."""
    step = _last_step(service)
    if step is None:
        return
    confirm_step(step, sentence)
    setup = step.setup
    if setup.state == SetupState.DIFFERS and not setup.steps.filter(state=StepState.KEPT).exists():
        setup.state = SetupState.SUCCEEDED
        setup.save(update_fields=["state"])
        changes = {"state": [SetupState.DIFFERS.value, SetupState.SUCCEEDED.value]}
        record(Verb.SETUP_SUCCEEDED, setup_target(setup), actor, tenant_id=setup.tenant_id, changes=changes)


@atomic
def ask_check(actor: Actor, service: Service) -> None:
    """Queue a read-back of the service, unless one is queued or running already."""
    require(actor, Right.RUN_SETUP, service.tenant_id)
    refuse_if_archived(service.tenant)
    now = timezone.now()
    asked = {"check_asked_by": actor.user_id, "check_asked_by_label": actor.label}
    work = {"check_due_at": now, "check_tries": 0, "check_published_at": None}
    if not Service.objects.filter(pk=service.pk, check_asked_at=None).update(check_asked_at=now, **asked, **work):
        return
    record(Verb.SERVICE_CHECK_ASKED, _target(service), actor, tenant_id=service.tenant_id)
    send_task_on_commit(CHECK_TASK, service.pk)


def check(service_id: UUID) -> None:
    """Read a service back from Nexus and record the result. A duplicate message does nothing."""
    service = _claim(service_id)
    if service is None:
        return
    try:
        require(_asker(service), Right.RUN_SETUP, service.tenant_id)
        refuse_if_archived(service.tenant)
    except (PermissionDenied, ValidationError) as error:
        why = " ".join(error.messages) if isinstance(error, ValidationError) else no_longer(Right.RUN_SETUP)
        _keep(service, Verb.WORK_REFUSED, Finding("warning", f"It was not read. {why}"))
        return
    try:
        seen = _read_back(service)
    except KeysetUnusable as error:
        if service.check_tries < MOST_TRIES:
            _put_off(service, error)
            return
        seen = unreadable(error)
    _keep(service, Verb.SERVICE_CHECKED, _finding(service, seen))


def checks_to_claim(now: datetime) -> QuerySet[Service]:
    """Return the services that a worker may read back now."""
    return Service.objects.filter(is_free(now, "check_"), check_due_at__lte=now)


def _claim(service_id: UUID) -> Service | None:
    now = timezone.now()
    until = now + timedelta(seconds=settings.SETUP_LEASE_SECONDS)
    return claim(checks_to_claim(now), service_id, lease_until=until, prefix="check_", related=["tenant"])


def _asker(service: Service) -> Actor:
    return worker_for(service.check_asked_by_id, service.check_asked_by_label)


def _put_off(service: Service, error: KeysetUnusable) -> None:
    """Save the obstacle as a message and leave the retry to the sweeper."""
    now = timezone.now()
    sentence = f"It could not be read. {error} The portal tries again by itself."
    with unaudited():  # only the lease and the message change; the final result is an event
        held(service, "check_").update(
            check_asked_at=None,
            check_lease_until=None,
            check_published_at=now,
            checked_at=now,
            check_tone="warning",
            check_sentence=sentence,
        )


def give_up_check(service_id: UUID) -> None:
    """Give up a check that was claimed too often."""
    if (service := _claim(service_id)) is not None:
        why = GIVEN_UP.format(tries=service.check_tries - 1)
        _keep(service, Verb.WORK_GIVEN_UP, Finding("warning", f"It was not read. {why}"))


CHECKS = WorkKind(
    "service checks",
    CHECK_TASK,
    checks_to_claim,
    give_up_check,
    patience=lambda: timedelta(seconds=settings.SETUP_REPUBLISH_SECONDS),
    prefix="check_",
    asked="check_asked_at",
)


@dataclass(frozen=True)
class Finding:
    """Result of a check: severity and message, and the state that it proves, if any."""

    tone: str
    sentence: str
    state: ServiceState | None = None


@atomic
def _keep(service: Service, verb: Verb, found: Finding) -> None:
    """Record the result, unless the lease has expired and another worker has the check."""
    actor = _asker(service)
    now = held(service, "check_").select_for_update(of=("self",)).select_related("setup").first()
    if now is None:
        return
    changes: dict[str, list[Any]] = {"result": [now.check_tone or None, found.tone]}
    now.check_asked_at = now.check_due_at = now.check_lease_until = None
    now.checked_at = timezone.now()
    now.check_tone, now.check_sentence = found.tone, found.sentence
    # A run may have sent the service again during the read-back. Then the result says nothing about its present state.
    is_as_seen = (now.state, now.sent, now.wanted) == (service.state, service.sent, service.wanted)
    proven = found.state if is_as_seen and found.state != now.state else None
    if proven:
        changes["state"] = [now.state, proven.value]
        _move(now, proven)
    now.save()
    record(verb, _target(now), actor, tenant_id=now.tenant_id, changes=changes, reason=found.sentence)
    if proven == ServiceState.CREATED:
        _heal_setup(actor, now, f"Read back: {found.sentence}")


def _move(service: Service, state: ServiceState) -> None:
    """Set the state that a read-back proved (in memory; the caller saves)."""
    if state == ServiceState.CREATED:
        _take_wanted(service)
    elif service.state == ServiceState.ACCEPTED:  # Nexus did not take the values, so it has those of an earlier set-up
        service.setup = setup_before(service.setup, service.name) or service.setup
    service.state = state


def _read_back(service: Service) -> Look:
    """Read the service and compare it with what was last sent."""
    asked = service.wanted or service.sent
    try:
        request = nexus.read_service(service.tenant, service.name)
        secrets = reveal_for_sending(service.tenant_id, nexus.api_key_of(service.tenant), sent_to=[request.url])
        # The definition may hold what was sent to create the service, so all credentials are redacted in the answer.
        known = reveal_for_redaction(service.tenant_id) | secrets
        return look(exchange(request, known, tenant_id=service.tenant_id, subject_id=service.pk), asked)
    except OutboundError as error:
        return look(error, asked)
    except (CredentialMissing, DecryptionError) as error:
        return unreadable(error)


def _finding(service: Service, seen: Look) -> Finding:
    """Return what a read-back means for the service, as it was when the check started."""
    if seen.sight is Sight.UNKNOWN or not service.wanted:
        return Finding(seen.tone, seen.sentence)
    if seen.sight is Sight.OTHER:
        old = readable(service.sent)
        if old and all(seen.there.get(name) == value for name, value in old.items()):
            return Finding("bad", f"{seen.sentence} It still holds the old values.", ServiceState.DIFFERS)
        return Finding("bad", seen.sentence, ServiceState.DIFFERS)
    if proves(service.wanted, service.sent, is_new=_was_new(service)):
        return Finding("good", seen.sentence, ServiceState.CREATED)
    return Finding("warning", f"{seen.sentence} {UNPROVEN}")


def _was_new(service: Service) -> bool:
    """Return whether Nexus accepted the service as a new one, as far as anyone knows."""
    step = _last_step(service)
    return service.state == ServiceState.ACCEPTED and step is not None and not step.is_update


def _target(service: Service) -> Target:
    return Target("service", str(service.pk), service.name)
