"""Writing down what came of a step, and of the whole run: in the caller's transaction, with a line of history."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from portal import rows
from portal.audit.recording import Target, record
from portal.audit.verbs import Verb
from portal.outbound.calls import facts_of
from portal.outbound.models import Call
from portal.wakeups import wake_after_commit
from provisioning.models import Service, ServiceState, Setup, SetupState, SetupStep, StepState
from provisioning.runs import RUN_TASK, Run, Sending, target
from provisioning.snapshots import Snapshot, snapshot
from provisioning.verdicts import Fate, Verdict


def keep_service(run: Run, sending: Sending, verdict: Verdict, now: datetime) -> None:
    """Note that Nexus has the service: created, found there, or kept with values that differ."""
    step = sending.step
    service = Service(tenant_id=run.setup.tenant_id, name=step.service, setup_id=run.setup.pk, since=now)
    if verdict.fate is Fate.FOUND:
        step.state, verb = StepState.FOUND, Verb.SERVICE_FOUND
        # One that an earlier set-up created is not less known for being found again.
        service.state = ServiceState.FOUND
        rows.insert(service, clash=("tenant", "name"))
    elif verdict.fate is Fate.KEPT:
        step.state, verb = StepState.KEPT, Verb.SERVICE_KEPT
        facts = {"state": ServiceState.DIFFERS, "wanted": _snapshot(run, step)}
        rows.write(Service, facts, tenant=service.tenant_id, name=service.name)
    else:
        step.state, verb = StepState.CREATED, Verb.SERVICE_REPLACED if step.replaces else Verb.SERVICE_CREATED
        service.state, service.sent = ServiceState.CREATED, _snapshot(run, step)
        rows.insert(service, clash=("tenant", "name"), replace=("state", "setup", "since", "sent", "wanted"))
    write_step(step)
    record_step(run, verb, step, sending.call)


def _snapshot(run: Run, step: SetupStep) -> Snapshot:
    return snapshot(run.requests[step.service].json, run.revealed.fingerprints)


def try_later(run: Run, sending: Sending, verdict: Verdict, now: datetime) -> None:
    """Give the slot back; the row says when to go on, a message or the sweeper takes it up."""
    step = sending.step
    step.state = StepState.PENDING
    write_step(step)
    due = now + timedelta(seconds=verdict.wait)
    Setup.objects.filter(pk=run.setup.pk).update(
        state=SetupState.QUEUED, not_before=due, lease_until=None, published_at=due
    )
    record_step(run, Verb.SERVICE_DELAYED, step, sending.call)
    wake_after_commit(RUN_TASK, run.setup.pk, countdown=verdict.wait)


def give_up(run: Run, step: SetupStep, why: str, call: Call | None = None) -> None:
    """End the step and the run; a person can resume it."""
    step.state, step.sentence = StepState.FAILED, why
    write_step(step)
    record_step(run, Verb.SERVICE_REFUSED, step, call)
    fail(run, f"{step.service}: {why}")


def finish(run: Run) -> None:
    """End a run of which every step is done."""
    kept = any(step.state == StepState.KEPT for step in run.steps)
    verb = Verb.SETUP_DIFFERS if kept else Verb.SETUP_SUCCEEDED
    _close(run, SetupState.DIFFERS if kept else SetupState.SUCCEEDED, verb)


def fail(run: Run, why: str) -> None:
    """End the run without its open steps."""
    for step in run.steps:
        if step.state == StepState.SENDING:  # a dead worker's, and we may not go on
            step.state, step.sentence = StepState.FAILED, why
            write_step(step)
    _close(run, SetupState.FAILED, Verb.SETUP_FAILED, why)


def _close(run: Run, state: SetupState, verb: Verb, why: str = "") -> None:
    ended = {"state": state, "finished_at": timezone.now(), "lease_until": None, "sentence": why}
    rows.write(Setup, ended, pk=run.setup.pk)
    changes = {"state": [SetupState.RUNNING.value, state.value]}
    record(verb, target(run.setup), run.actor, tenant_id=run.setup.tenant_id, changes=changes, reason=why)


def write_step(step: SetupStep) -> None:
    """Write down how the step stands."""
    moves = ("state", "attempts", "tries", "unclear", "sentence", "started_at", "finished_at")
    rows.write(SetupStep, {name: getattr(step, name) for name in moves}, pk=step.pk)


def record_step(run: Run, verb: Verb, step: SetupStep, call: Call | None) -> None:
    """Write the line of a step; it is also that of its request, so that the hot path writes one and not two."""
    service = Target("service", str(step.pk), step.service)
    changes: dict[str, list[Any]] = {"attempt": [None, step.attempts]}
    if step.state != StepState.SENDING:
        changes["state"] = [StepState.SENDING.value, step.state]
    if call is not None:
        changes |= facts_of(call)
    record(verb, service, run.actor, tenant_id=run.setup.tenant_id, changes=changes, reason=step.sentence)
