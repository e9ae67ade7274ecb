"""Results of steps and runs: writes every change of their state, in the caller's transaction and with an event."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from portal import rows
from portal.audit.recording import Target, record
from portal.audit.verbs import Verb
from portal.outbound.calls import facts_of
from portal.outbound.errors import OutboundError
from portal.outbound.messages import Answer
from portal.outbound.models import Call
from portal.wakeups import wake_after_commit
from provisioning.models import Service, ServiceState, Setup, SetupState, SetupStep, StepState
from provisioning.one_option import setup_before
from provisioning.read_back import look
from provisioning.runs import RUN_TASK, Run, Sending, target
from provisioning.snapshots import Snapshot, snapshot
from provisioning.verdicts import Fate, Verdict, judge_look


def keep_service(run: Run, sending: Sending, verdict: Verdict, now: datetime) -> None:
    """Record what an answer says about the service: created, accepted, already there, or kept with other values."""
    step = sending.step
    match verdict.fate:
        case Fate.ACCEPTED:
            step.state, verb = StepState.ACCEPTED, Verb.SERVICE_ACCEPTED
            _write_unverified(run, step, ServiceState.ACCEPTED, now)
        case Fate.FOUND:
            step.state, verb = StepState.FOUND, Verb.SERVICE_FOUND
            _write_unverified(run, step, ServiceState.FOUND, now)
        case Fate.KEPT:
            step.state, verb = StepState.KEPT, Verb.SERVICE_KEPT
            facts = {"state": ServiceState.DIFFERS, "wanted": _snapshot(run, step)}
            rows.write(Service, facts, tenant=run.setup.tenant_id, name=step.service)
        case _:
            step.state, verb = StepState.CREATED, _verb_of_creation(step)
            service = _service(run, step, ServiceState.CREATED, now)
            service.sent = _snapshot(run, step)
            _upsert(service)
    write_step(step)
    record_step(run, verb, step, sending.call)


def keep_look(run: Run, sending: Sending, outcome: Answer | OutboundError, now: datetime) -> None:
    """Record what a read-back showed: the sent values, other values, or nothing new."""
    step, asked = sending.step, _snapshot(run, sending.step)
    (service,) = rows.select(Service, tenant=run.setup.tenant_id, name=step.service)
    verdict = judge_look(step, asked, service.sent, look(outcome, asked))
    before, verb = step.state, Verb.SERVICE_CHECKED
    if verdict.fate is Fate.CREATED:
        step.state, verb = StepState.CREATED, _verb_of_creation(step)
        _write_known(service, {"state": ServiceState.CREATED, "setup": run.setup.pk, "sent": asked, "wanted": {}})
    elif verdict.fate is Fate.KEPT:
        step.state = StepState.KEPT
        owner = setup_before(run.setup, step.service) or run.setup
        _write_known(service, {"state": ServiceState.DIFFERS, "setup": owner.pk, "wanted": asked})
    step.sentence, step.finished_at = verdict.sentence, now
    write_step(step)
    changes = facts_of(sending.call)
    if step.state != before:
        changes["state"] = [before, step.state]
    about = Target("service", str(step.pk), step.service)
    record(verb, about, run.actor, tenant_id=run.setup.tenant_id, changes=changes, reason=step.sentence)


def _verb_of_creation(step: SetupStep) -> Verb:
    return Verb.SERVICE_REPLACED if step.replaces else Verb.SERVICE_CREATED


def _write_unverified(run: Run, step: SetupStep, state: ServiceState, now: datetime) -> None:
    """Save what was sent as `wanted`, since nothing proves that Nexus took it."""
    before = next(iter(rows.select(Service, tenant=run.setup.tenant_id, name=step.service)), None)
    if before and state == ServiceState.FOUND and not step.replaces:
        return  # it may be known from an earlier set-up, and being found again does not make it less known
    service = _service(run, step, state, now)
    service.wanted = _snapshot(run, step)
    if before:
        service.sent = {} if before.is_unverified else before.sent
        service.setup_id = run.setup.pk if state == ServiceState.ACCEPTED else before.setup_id
    _upsert(service)


def _service(run: Run, step: SetupStep, state: ServiceState, now: datetime) -> Service:
    return Service(tenant_id=run.setup.tenant_id, name=step.service, setup_id=run.setup.pk, since=now, state=state)


def _upsert(service: Service) -> None:
    rows.insert(service, clash=("tenant", "name"), replace=("state", "setup", "since", "sent", "wanted"))


def _write_known(service: Service, facts: dict[str, Any]) -> None:
    rows.write(Service, facts, tenant=service.tenant_id, name=service.name)


def _snapshot(run: Run, step: SetupStep) -> Snapshot:
    return snapshot(run.requests[step.service].json, run.revealed.fingerprints)


def try_later(run: Run, sending: Sending, verdict: Verdict, now: datetime) -> None:
    """Requeue the set-up for a retry; a delayed message or the sweeper resumes it when it is due."""
    step = sending.step
    step.state = StepState.PENDING
    write_step(step)
    due = now + timedelta(seconds=verdict.wait)
    Setup.objects.filter(pk=run.setup.pk, fence=run.fence).update(
        state=SetupState.QUEUED, not_before=due, lease_until=None, published_at=due
    )
    record_step(run, Verb.SERVICE_DELAYED, step, sending.call)
    wake_after_commit(RUN_TASK, run.setup.pk, countdown=verdict.wait)


def give_up(run: Run, step: SetupStep, why: str, call: Call | None = None) -> None:
    """Fail the step and the run; a person can resume it."""
    step.state, step.sentence = StepState.FAILED, why
    write_step(step)
    record_step(run, Verb.SERVICE_REFUSED, step, call)
    fail(run, f"{step.service}: {why}")


def finish(run: Run) -> None:
    """Finish a run whose steps are all done."""
    kept = any(step.state == StepState.KEPT for step in run.steps)
    verb = Verb.SETUP_DIFFERS if kept else Verb.SETUP_SUCCEEDED
    _close(run, SetupState.DIFFERS if kept else SetupState.SUCCEEDED, verb)


def fail(run: Run, why: str) -> None:
    """Fail the run; open steps stay open."""
    for step in run.steps:
        if step.state == StepState.SENDING:  # left by a dead worker, and the run may not continue
            step.state, step.sentence = StepState.FAILED, why
            write_step(step)
    _close(run, SetupState.FAILED, Verb.SETUP_FAILED, why)


def _close(run: Run, state: SetupState, verb: Verb, why: str = "") -> None:
    ended = {"state": state, "finished_at": timezone.now(), "lease_until": None, "sentence": why}
    rows.write(Setup, ended, pk=run.setup.pk, fence=run.fence)
    changes = {"state": [SetupState.RUNNING.value, state.value]}
    record(verb, target(run.setup), run.actor, tenant_id=run.setup.tenant_id, changes=changes, reason=why)


def write_step(step: SetupStep) -> None:
    """Save the step's state."""
    moves = ("state", "attempts", "tries", "unclear", "read_back_due", "sentence", "started_at", "finished_at")
    rows.write(SetupStep, {name: getattr(step, name) for name in moves}, pk=step.pk)


def record_step(run: Run, verb: Verb, step: SetupStep, call: Call | None) -> None:
    """Record the event of a step. It includes the facts of the request, which saves the hot path a second event."""
    service = Target("service", str(step.pk), step.service)
    changes: dict[str, list[Any]] = {"attempt": [None, step.attempts]}
    if step.state != StepState.SENDING:
        changes["state"] = [StepState.SENDING.value, step.state]
    if call is not None:
        changes |= facts_of(call)
    record(verb, service, run.actor, tenant_id=run.setup.tenant_id, changes=changes, reason=step.sentence)
