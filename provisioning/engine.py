"""Running a set-up: claim it, send each service, write down what came of it.

The row is claimed by one conditional UPDATE that raises its fence. Every later write asks for that fence, so a worker
that was paused beyond its lease changes nothing. Between two sends there is one transaction: the result of this step
and the claim of the next together. No transaction is open while a request is on its way.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q
from django.utils import timezone

from portal import rows, stopping
from portal.accounts.permission import require
from portal.accounts.rights import Right
from portal.audit.actors import Actor, worker_for
from portal.audit.context import acting
from portal.audit.guarded import bookkeeping
from portal.audit.recording import Target, record
from portal.audit.verbs import Verb
from portal.crash_points import reach
from portal.logs import running
from portal.outbound.calls import close_call, facts_of, open_call, tell_of
from portal.outbound.errors import OutboundError
from portal.outbound.messages import Answer, Request
from portal.outbound.models import Call
from portal.outbound.sending import send
from portal.tenants.actions import refuse_if_archived
from portal.tenants.models import Tenant
from portal.together import together
from portal.vault.actions import CredentialMissing, reveal_for_sending
from portal.vault.keyset import KeysetUnusable
from portal.vault.kinds import Kind
from portal.vault.sealing import DoesNotOpen, fingerprint
from portal.wakeups import wake_after_commit
from provisioning import nexus
from provisioning.drafts import answers_of, option_of
from provisioning.models import Service, ServiceState, Setup, SetupState, SetupStep, StepState
from provisioning.snapshots import Snapshot, snapshot
from provisioning.verdicts import Fate, Verdict, judge, out_of_attempts

RUN_TASK = "provisioning.tasks.run_setup"


@dataclass
class Run:
    """A set-up that this worker has claimed; `secrets` never leave this object but into a request."""

    setup: Setup
    fence: int
    actor: Actor
    steps: list[SetupStep]
    requests: dict[str, Request] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Sending:
    """One step on its way to Nexus."""

    step: SetupStep
    request: Request
    call: Call


def run(setup_id: UUID) -> None:
    """Run a set-up as far as it goes now; does nothing if another worker has it or nothing is due."""
    with running(setup_id):
        reach("claim.before")
        taken = together(setup_id, partial(take, setup_id))
        reach("claim.committed")
        if taken is None:
            return
        claimed, sending = taken
        while sending:
            reach("send.before")
            outcome = deliver(claimed, sending)
            reach("send.answered")
            sending = together(setup_id, partial(settle, claimed, sending, outcome))
            reach("settle.committed")


def take(setup_id: UUID) -> tuple[Run, Sending | None] | None:
    """Claim a set-up and begin its first open step, in the caller's transaction; None if it is not to be had now.

    `take`, `deliver` and `settle` are the parts of `run`, for who runs many set-ups and writes for several at once.
    """
    claimed = _claim(setup_id, timezone.now())
    if claimed is None:
        return None
    with running(setup_id), acting(claimed.setup.request_id), rows.in_one_go():
        sending = _begin(claimed)
        reach("claim.uncommitted")
    return claimed, sending


def deliver(run: Run, sending: Sending) -> Answer | OutboundError:
    """Send the request, with no transaction open and without the database; errors are outcomes too."""
    try:
        return send(sending.request, run.secrets)
    except OutboundError as error:
        return error


def settle(run: Run, sending: Sending, outcome: Answer | OutboundError) -> Sending | None:
    """Write down what came of it and begin the next step, in the caller's transaction; None if that was the last."""
    with running(run.setup.pk), acting(run.setup.request_id), rows.in_one_go():
        following = _settle(run, sending, outcome)
        reach("settle.uncommitted")
    return following


def claimable(now: datetime) -> Q:
    """Return the filter on set-ups that a worker may take: due ones, and those whose worker went silent."""
    due = Q(not_before=None) | Q(not_before__lte=now)
    return Q(state=SetupState.QUEUED) & due | Q(state=SetupState.RUNNING, lease_until__lt=now)


def is_due(state: SetupState, not_before: datetime | None, lease_until: datetime | None, now: datetime) -> bool:
    """Say of one set-up what `claimable` filters by."""
    if state == SetupState.QUEUED:
        return not_before is None or not_before <= now
    return state == SetupState.RUNNING and lease_until is not None and lease_until < now


def _claim(setup_id: UUID, now: datetime) -> Run | None:
    setup = next(iter(rows.select(Setup, pk=setup_id)), None)
    if setup is None or not is_due(SetupState(setup.state), setup.not_before, setup.lease_until, now):
        return None
    # Whoever else claims it between the look and this raises the fence, and then this finds no row.
    seen = {"state": setup.state, "fence": setup.fence}
    claim = {"state": SetupState.RUNNING, "fence": setup.fence + 1, "lease_until": _lease(now), "not_before": None}
    with bookkeeping():  # that a worker has it is no news; what comes of it is
        taken = rows.update(Setup, claim, pk=setup_id, **seen)
    if not taken:
        return None
    for name, value in claim.items():
        setattr(setup, name, value)
    (setup.tenant,) = rows.select(Tenant, pk=setup.tenant_id)
    actor = worker_for(setup.started_by_id, setup.started_by_label)
    return Run(setup, setup.fence, actor, rows.select(SetupStep, setup=setup_id))


def _lease(now: datetime) -> datetime:
    return now + timedelta(seconds=settings.SETUP_LEASE_SECONDS)


def _begin(run: Run) -> Sending | None:
    """Ask again whether it may run, fetch what it needs, and begin its first open step."""
    _take_over(run)
    try:
        require(run.actor, Right.RUN_SETUP, run.setup.tenant_id)
        refuse_if_archived(run.setup.tenant)
        option = option_of(run.setup)
        for service in option.services(answers_of(run.setup)):
            run.requests[service.name] = nexus.create_service(run.setup.tenant, service)
        run.secrets = reveal_for_sending(run.setup.tenant_id, (Kind.NEXUS_API_KEY, *option.secrets))
    except PermissionDenied:
        why = f"{run.actor.label} may no longer {Right.RUN_SETUP}. Another administrator can resume it."
        record(Verb.WORK_REFUSED, target(run.setup), run.actor, tenant_id=run.setup.tenant_id, reason=why)
        _fail(run, why)
    except (CredentialMissing, DoesNotOpen, KeysetUnusable) as error:
        _fail(run, str(error))
    except ValidationError as error:
        _fail(run, " ".join(error.messages))
    else:
        return _begin_next(run)
    return None


def _take_over(run: Run) -> None:
    """Mark what a dead worker left: its request may have taken effect. Its call stays open, as evidence of that."""
    for step in run.steps:
        if step.state == StepState.SENDING:
            step.unclear = True
            _record(run, Verb.SERVICE_UNCLEAR, step, Call.objects.filter(subject_id=step.pk).order_by("pk").last())


def _begin_next(run: Run) -> Sending | None:
    """Claim the next open step and write down its call; finish the set-up if there is none."""
    step = next((step for step in run.steps if not step.is_done), None)
    if step is None:
        _finish(run)
        return None
    if step.tries >= settings.SETUP_MAX_ATTEMPTS:
        # Only a worker that died leads here: whatever ended it must not end one worker after the other.
        _give_up(run, step, out_of_attempts(step))
        return None
    if stopping.asked():
        _hand_back(run)
        return None
    request = run.requests[step.service]
    if step.unclear and not Call.objects.filter(subject_id=step.pk, url=request.url).exists():
        step.unclear = False  # the address was changed: what may have taken effect did so at the old one
    step.state, step.started_at, step.finished_at = StepState.SENDING, timezone.now(), None
    step.attempts, step.tries, step.sentence = step.attempts + 1, step.tries + 1, ""
    with bookkeeping():  # the call is the record that it is on its way; the line comes with the answer
        _write(step)
    call = open_call(request, tenant_id=run.setup.tenant_id, subject_id=step.pk, request_id=run.setup.request_id)
    return Sending(step, request, call)


def _write(step: SetupStep) -> None:
    moves = ("state", "attempts", "tries", "unclear", "sentence", "started_at", "finished_at")
    rows.write(SetupStep, {name: getattr(step, name) for name in moves}, pk=step.pk)


def _settle(run: Run, sending: Sending, outcome: Answer | OutboundError) -> Sending | None:
    """Write down the outcome and begin the next step, in one transaction."""
    now = timezone.now()
    close_call(sending.call, outcome, run.secrets)
    longer = {"lease_until": _lease(now)}
    if not rows.update(Setup, longer, pk=run.setup.pk, fence=run.fence, state=SetupState.RUNNING):
        # Another worker has it by now: our answer stays as evidence in the call and its line, and moves nothing.
        tell_of(sending.call)
        return None
    step, verdict = sending.step, judge(sending.step, outcome)
    step.sentence, step.unclear, step.finished_at = verdict.sentence, step.unclear or verdict.unclear, now
    match verdict.fate:
        case Fate.AGAIN:
            _try_later(run, sending, verdict, now)
        case Fate.FAILED:
            _give_up(run, step, verdict.sentence, sending.call)
        case Fate.CREATED | Fate.FOUND | Fate.KEPT:
            _keep_service(run, sending, verdict, now)
            return _begin_next(run)
    return None


def _give_up(run: Run, step: SetupStep, why: str, call: Call | None = None) -> None:
    step.state, step.sentence = StepState.FAILED, why
    _write(step)
    _record(run, Verb.SERVICE_REFUSED, step, call)
    _fail(run, f"{step.service}: {why}")


def _keep_service(run: Run, sending: Sending, verdict: Verdict, now: datetime) -> None:
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
    _write(step)
    _record(run, verb, step, sending.call)


def _snapshot(run: Run, step: SetupStep) -> Snapshot:
    tenant_id = run.setup.tenant_id
    prints = {name: fingerprint(value, tenant_id) for name, value in run.secrets.items()}
    return snapshot(run.requests[step.service].json, prints)


def _try_later(run: Run, sending: Sending, verdict: Verdict, now: datetime) -> None:
    """Give the slot back; the row says when to go on, a message or the sweeper takes it up."""
    step = sending.step
    step.state = StepState.PENDING
    _write(step)
    due = now + timedelta(seconds=verdict.wait)
    Setup.objects.filter(pk=run.setup.pk).update(
        state=SetupState.QUEUED, not_before=due, lease_until=None, published_at=due
    )
    _record(run, Verb.SERVICE_DELAYED, step, sending.call)
    wake_after_commit(RUN_TASK, run.setup.pk, countdown=verdict.wait)


def _hand_back(run: Run) -> None:
    """Leave the rest to another worker: this one was asked to stop, and no call is on its way."""
    waiting = {"state": SetupState.QUEUED, "lease_until": None, "published_at": timezone.now()}
    with bookkeeping():  # it only changes hands
        Setup.objects.filter(pk=run.setup.pk).update(**waiting)
    wake_after_commit(RUN_TASK, run.setup.pk)


def _finish(run: Run) -> None:
    kept = any(step.state == StepState.KEPT for step in run.steps)
    verb = Verb.SETUP_DIFFERS if kept else Verb.SETUP_SUCCEEDED
    _close(run, SetupState.DIFFERS if kept else SetupState.SUCCEEDED, verb)


def _fail(run: Run, why: str) -> None:
    for step in run.steps:
        if step.state == StepState.SENDING:  # a dead worker's, and we may not go on
            step.state, step.sentence = StepState.FAILED, why
            _write(step)
    _close(run, SetupState.FAILED, Verb.SETUP_FAILED, why)


def _close(run: Run, state: SetupState, verb: Verb, why: str = "") -> None:
    ended = {"state": state, "finished_at": timezone.now(), "lease_until": None, "sentence": why}
    rows.write(Setup, ended, pk=run.setup.pk)
    changes = {"state": [SetupState.RUNNING.value, state.value]}
    record(verb, target(run.setup), run.actor, tenant_id=run.setup.tenant_id, changes=changes, reason=why)


def target(setup: Setup) -> Target:
    """Return a set-up as the target of an event."""
    return Target("setup", str(setup.pk), f"{option_of(setup).title} set-up of {setup.tenant.name}")


def _record(run: Run, verb: Verb, step: SetupStep, call: Call | None) -> None:
    """Write the line of a step; it is also that of its request, so that the hot path writes one and not two."""
    service = Target("service", str(step.pk), step.service)
    changes: dict[str, list[Any]] = {"attempt": [None, step.attempts]}
    if step.state != StepState.SENDING:
        changes["state"] = [StepState.SENDING.value, step.state]
    if call is not None:
        changes |= facts_of(call)
    record(verb, service, run.actor, tenant_id=run.setup.tenant_id, changes=changes, reason=step.sentence)
