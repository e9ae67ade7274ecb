"""Results of steps and runs: every change of a step's state, in the caller's transaction."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Any

from django.conf import settings
from django.utils import timezone

from portal.audit.commit_guard import unaudited
from portal.audit.recording import Target, record
from portal.audit.verbs import Verb
from portal.core.db import fast_sql
from portal.core.tasks.publish import send_task_on_commit
from portal.http_client.call_log import facts_of, open_call
from portal.http_client.errors import Conflict, OutboundError
from portal.http_client.messages import Answer, Request
from portal.http_client.models import Call
from provisioning import nexus
from provisioning.models import Service, ServiceState, Setup, SetupState, SetupStep, StepState
from provisioning.runs.active_option import setup_before
from provisioning.runs.claims import RUN_TASK, Run, Sending, target
from provisioning.runs.snapshots import Snapshot, snapshot
from provisioning.services.read_back import UNPROVEN, Look, Sight, look, proves

#: The longest wait that the portal chooses; a server's Retry-After may be longer.
LONGEST_BACKOFF_SECONDS = 300.0


class StepOutcome(Enum):
    """How a step continues."""

    CREATED = auto()
    ACCEPTED = auto()
    FOUND = auto()
    KEPT = auto()
    AGAIN = auto()
    FAILED = auto()


@dataclass(frozen=True)
class Verdict:
    """The classified result of a request.

    `sentence` is the message for people, `wait` the seconds before a retry. `outcome_unknown` means that the request
    may have taken effect. `read_back` means that the answer proves nothing, so the service is read back once.
    """

    fate: StepOutcome
    sentence: str
    outcome_unknown: bool = False
    wait: float = 0.0
    read_back: bool = False


def classify_response(step: SetupStep, outcome: Answer | OutboundError) -> Verdict:
    """Classify an answer, or an error, for this step."""
    if isinstance(outcome, Answer):
        try:
            return Verdict(StepOutcome.CREATED, "") if nexus.is_confirmed(outcome) else _says_nothing(outcome)
        except nexus.ErrorInside as error:
            outcome = error
    if isinstance(outcome, Conflict):
        return _already_there(step)
    if outcome.retryable and step.tries < settings.SETUP_MAX_ATTEMPTS:
        wait = outcome.retry_after if outcome.retry_after is not None else backoff(step.tries)
        return Verdict(StepOutcome.AGAIN, outcome.sentence, outcome.unknown_outcome, wait)
    return Verdict(StepOutcome.FAILED, outcome.sentence, outcome.unknown_outcome)


def judge_look(step: SetupStep, asked: Snapshot, before: Snapshot, seen: Look) -> Verdict:
    """Classify a read-back for a step whose answer proved nothing.

    `asked` is what was sent, `before` what Nexus was known to hold until then.
    """
    fate = StepOutcome.ACCEPTED if step.state == StepState.ACCEPTED else StepOutcome.FOUND
    sentence = f"{step.sentence} Read back: {seen.sentence}"
    if seen.sight is Sight.OTHER:
        return Verdict(StepOutcome.KEPT, sentence)
    if seen.sight is Sight.UNKNOWN:
        return Verdict(fate, sentence)
    is_new = fate is StepOutcome.ACCEPTED and not step.is_update
    if proves(asked, before, is_new=is_new):
        return Verdict(StepOutcome.CREATED, sentence)
    return Verdict(fate, f"{sentence} {UNPROVEN}")


def out_of_attempts(step: SetupStep) -> str:
    """Return the message for a step whose attempts are used up because the worker of the last one ended."""
    return (
        f"{step.tries} attempts were made, and the worker of the last one ended before its answer came; its log may "
        "say why. Whether the request was carried out is not known. Resume: it is sent again, and Nexus says if it has "
        "the service."
    )


def backoff(tries: int) -> float:
    """Return the seconds to wait after this many tries: doubling each time, with 25 % jitter either way."""
    base = min(settings.SETUP_BACKOFF_SECONDS * 2 ** (tries - 1), LONGEST_BACKOFF_SECONDS)
    return float(base * random.uniform(0.75, 1.25))  # noqa: S311 - jitter needs no cryptography


def _says_nothing(answer: Answer) -> Verdict:
    sentence = f"Nexus answered {answer.status}, but did not say what came of it."
    return Verdict(StepOutcome.ACCEPTED, sentence, read_back=True)


def _already_there(step: SetupStep) -> Verdict:
    if step.outcome_unknown:
        what = "holds the new values" if step.is_update else "made it"
        sentence = f"Nexus has this service (409). Whether an earlier attempt of ours, which got no answer, {what} is"
        return Verdict(StepOutcome.FOUND, f"{sentence} not known.", read_back=True)
    if step.is_update:
        return Verdict(
            StepOutcome.KEPT,
            "Nexus kept the values that it had: its documented API only creates. Ask the vendor to remove this "
            "service, or to set the new values by hand; then tick it off on the page “Services”.",
        )
    return Verdict(
        StepOutcome.FOUND,
        "Nexus had this service before we asked. The portal cannot see whether its values are the ones you entered: "
        "if it was made by hand or with other values, ask the vendor to remove it, then set up SMS again.",
    )


def retry_failed_steps(setup: Setup) -> None:
    """Open the failed steps again and count no tries so far, since a person decided to go on."""
    setup.steps.filter(state=StepState.FAILED).update(state=StepState.PENDING)
    setup.steps.update(tries=0)


def queue_step(setup: Setup, position: int, service: str, *, is_update: bool) -> None:
    """Queue a service to be sent, whether or not an earlier run of the set-up has sent it."""
    facts = {"service": service, "state": StepState.PENDING, "is_update": is_update, "tries": 0}
    facts["read_back_due"] = False
    SetupStep.objects.update_or_create(setup=setup, position=position, defaults=facts)


def confirm_step(step: SetupStep, sentence: str) -> None:
    """Mark a step as created that no answer had proved; the sentence says how it is known now."""
    step.state, step.sentence = StepState.CREATED, f"{step.sentence} {sentence}".strip()
    step.save(update_fields=["state", "sentence"])


def take_over(run: Run) -> None:
    """Mark steps that a dead worker left in flight: their requests may have taken effect.

    Their calls stay without an answer, as evidence.
    """
    for step in run.steps:
        if step.state == StepState.SENDING:
            step.outcome_unknown = True
            record_step(run, Verb.SERVICE_UNCLEAR, step, Call.objects.filter(subject_id=step.pk).order_by("pk").last())


def begin_step(run: Run, step: SetupStep) -> Sending:
    """Mark a step as being sent, and write its call row."""
    request = run.requests[step.service]
    if step.outcome_unknown and not Call.objects.filter(subject_id=step.pk, method="POST", url=request.url).exists():
        step.outcome_unknown = False  # the address has changed, and any earlier effect was at the old one
    step.state, step.started_at, step.finished_at = StepState.SENDING, timezone.now(), None
    step.attempts, step.tries, step.sentence = step.attempts + 1, step.tries + 1, ""
    return _sending(run, step, request)


def begin_read_back(run: Run, step: SetupStep) -> Sending:
    """Start the single read-back of a step. If the worker dies during it, the step stays unverified."""
    step.read_back_due = False
    return _sending(run, step, nexus.read_service(run.setup.tenant, step.service), reads_back=True)


def _sending(run: Run, step: SetupStep, request: Request, *, reads_back: bool = False) -> Sending:
    with unaudited():  # the call row records the request; the event follows with the answer
        write_step(step)
    call = open_call(request, tenant_id=run.setup.tenant_id, subject_id=step.pk, request_id=run.setup.request_id)
    return Sending(step, request, call, reads_back=reads_back)


def save_answer(run: Run, sending: Sending, outcome: Answer | OutboundError, now: datetime) -> bool:
    """Record what came of a request; return whether the run goes on with the next step."""
    step, verdict = sending.step, classify_response(sending.step, outcome)
    step.sentence, step.finished_at, step.read_back_due = verdict.sentence, now, verdict.read_back
    step.outcome_unknown = step.outcome_unknown or verdict.outcome_unknown
    match verdict.fate:
        case StepOutcome.AGAIN:
            schedule_retry(run, sending, verdict, now)
        case StepOutcome.FAILED:
            fail_step(run, step, verdict.sentence, sending.call)
        case _:
            save_service(run, sending, verdict, now)
            return True
    return False


def save_service(run: Run, sending: Sending, verdict: Verdict, now: datetime) -> None:
    """Record what an answer says about the service: created, accepted, already there, or kept with other values."""
    step = sending.step
    match verdict.fate:
        case StepOutcome.ACCEPTED:
            step.state, verb = StepState.ACCEPTED, Verb.SERVICE_ACCEPTED
            _write_unverified(run, step, ServiceState.ACCEPTED, now)
        case StepOutcome.FOUND:
            step.state, verb = StepState.FOUND, Verb.SERVICE_FOUND
            _write_unverified(run, step, ServiceState.FOUND, now)
        case StepOutcome.KEPT:
            step.state, verb = StepState.KEPT, Verb.SERVICE_KEPT
            facts = {"state": ServiceState.DIFFERS, "wanted": _snapshot(run, step)}
            fast_sql.update_deferred(Service, facts, tenant=run.setup.tenant_id, name=step.service)
        case _:
            step.state, verb = StepState.CREATED, _verb_of_creation(step)
            service = _service(run, step, ServiceState.CREATED, now)
            service.sent = _snapshot(run, step)
            _upsert(service)
    write_step(step)
    record_step(run, verb, step, sending.call)


def save_look(run: Run, sending: Sending, outcome: Answer | OutboundError, now: datetime) -> bool:
    """Record what a read-back showed: the sent values, other values, or nothing new. The run always goes on."""
    step, asked = sending.step, _snapshot(run, sending.step)
    (service,) = fast_sql.select(Service, tenant=run.setup.tenant_id, name=step.service)
    verdict = judge_look(step, asked, service.sent, look(outcome, asked))
    before, verb = step.state, Verb.SERVICE_CHECKED
    if verdict.fate is StepOutcome.CREATED:
        step.state, verb = StepState.CREATED, _verb_of_creation(step)
        _write_known(service, {"state": ServiceState.CREATED, "setup": run.setup.pk, "sent": asked, "wanted": {}})
    elif verdict.fate is StepOutcome.KEPT:
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
    return True


def _verb_of_creation(step: SetupStep) -> Verb:
    return Verb.SERVICE_REPLACED if step.is_update else Verb.SERVICE_CREATED


def _write_unverified(run: Run, step: SetupStep, state: ServiceState, now: datetime) -> None:
    """Save what was sent as `wanted`, since nothing proves that Nexus took it."""
    before = next(iter(fast_sql.select(Service, tenant=run.setup.tenant_id, name=step.service)), None)
    if before and state == ServiceState.FOUND and not step.is_update:
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
    fast_sql.insert(service, clash=("tenant", "name"), replace=("state", "setup", "since", "sent", "wanted"))


def _write_known(service: Service, facts: dict[str, Any]) -> None:
    fast_sql.update_deferred(Service, facts, tenant=service.tenant_id, name=service.name)


def _snapshot(run: Run, step: SetupStep) -> Snapshot:
    return snapshot(run.requests[step.service].json, run.revealed.fingerprints)


def schedule_retry(run: Run, sending: Sending, verdict: Verdict, now: datetime) -> None:
    """Requeue the set-up for a retry; a delayed message or the sweeper resumes it when it is due."""
    step = sending.step
    step.state = StepState.PENDING
    write_step(step)
    due = now + timedelta(seconds=verdict.wait)
    Setup.objects.filter(pk=run.setup.pk, fence=run.fence).update(
        state=SetupState.QUEUED, next_attempt_at=due, lease_until=None, published_at=due
    )
    record_step(run, Verb.SERVICE_DELAYED, step, sending.call)
    send_task_on_commit(RUN_TASK, run.setup.pk, countdown=verdict.wait)


def fail_step(run: Run, step: SetupStep, why: str, call: Call | None = None) -> None:
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
    fast_sql.update_deferred(Setup, ended, pk=run.setup.pk, fence=run.fence)
    changes = {"state": [SetupState.RUNNING.value, state.value]}
    record(verb, target(run.setup), run.actor, tenant_id=run.setup.tenant_id, changes=changes, reason=why)


def write_step(step: SetupStep) -> None:
    """Save the step's state."""
    moves = ("state", "attempts", "tries", "outcome_unknown", "read_back_due", "sentence", "started_at", "finished_at")
    fast_sql.update_deferred(SetupStep, {name: getattr(step, name) for name in moves}, pk=step.pk)


def record_step(run: Run, verb: Verb, step: SetupStep, call: Call | None) -> None:
    """Record the event of a step. It includes the facts of the request, which saves the hot path a second event."""
    service = Target("service", str(step.pk), step.service)
    changes: dict[str, list[Any]] = {"attempt": [None, step.attempts]}
    if step.state != StepState.SENDING:
        changes["state"] = [StepState.SENDING.value, step.state]
    if call is not None:
        changes |= facts_of(call)
    record(verb, service, run.actor, tenant_id=run.setup.tenant_id, changes=changes, reason=step.sentence)
