"""Running a set-up: look it up, claim it, send each service, write down what came of it.

A service is sent, and where the answer proves nothing, read back once before the next one. Between two sends there is
one transaction: the result of this step and the claim of the next together. No transaction is open while a request is
on its way. All writers of a process share one pen (see `together`): what only reads or reckons is done before they
have it.
"""

from functools import partial
from uuid import UUID

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from portal import rows, stopping
from portal.accounts.permission import ASKED, require
from portal.accounts.rights import Right
from portal.audit.context import acting
from portal.audit.guarded import bookkeeping
from portal.audit.recording import record
from portal.audit.verbs import Verb
from portal.core.tasks.sweeper import GIVEN_UP, MOST_TRIES
from portal.crash_points import reach
from portal.logs import running
from portal.outbound.calls import open_call, take_answer, tell_of, write_answer
from portal.outbound.errors import OutboundError
from portal.outbound.messages import Answer
from portal.outbound.models import Call
from portal.outbound.sending import send
from portal.tenants.actions import refuse_if_archived
from portal.together import together
from portal.vault.actions import CredentialMissing, note_use, reveal
from portal.vault.keyset import KeysetUnusable
from portal.vault.sealing import DoesNotOpen
from provisioning import nexus
from provisioning.drafts import answers_of, option_of
from provisioning.models import Setup, SetupState, SetupStep, StepState
from provisioning.outcomes import fail, finish, give_up, keep_look, keep_service, record_step, try_later, write_step
from provisioning.runs import (
    Run,
    Sending,
    claim,
    count_lost_try,
    hand_back,
    lease,
    look_up,
    put_off,
    target,
)
from provisioning.verdicts import Fate, judge, out_of_attempts


def run(setup_id: UUID) -> None:
    """Run a set-up as far as it goes now; does nothing if another worker has it or nothing is due."""
    with running(setup_id):
        reach("claim.before")
        if (found := look_up(setup_id, timezone.now())) is None:
            return
        try:
            make_ready(found)
            sending = together(setup_id, partial(begin, found), found.rows)
        except BaseException:
            count_lost_try(found)
            raise
        reach("claim.committed")
        while sending:
            reach("send.before")
            outcome = deliver(found, sending)
            reach("send.answered")
            sending = together(setup_id, partial(settle, found, sending, outcome), found.rows)
            reach("settle.committed")


def take(setup_id: UUID) -> tuple[Run, Sending | None] | None:
    """Do the first half of `run`, in the caller's transaction; None if the set-up is not to be had now.

    `take`, `deliver` and `settle` are the parts of `run`, for who runs many set-ups and writes for several at once.
    """
    if (found := look_up(setup_id, timezone.now())) is None:
        return None
    make_ready(found)
    return found, begin(found)


def make_ready(run: Run) -> None:
    """Put its requests and secrets into the run, or what is in their way. Reads only, so no writer waits for it."""
    try:
        option, answers = option_of(run.setup), answers_of(run.setup)
        for service in option.services(answers):
            run.requests[service.name] = nexus.create_service(run.setup.tenant, service)
        uses, urls = option.bindings(run.setup.tenant, answers), [request.url for request in run.requests.values()]
        run.revealed = reveal(run.setup.tenant_id, uses, sent_to=urls)
    except KeysetUnusable as error:
        run.obstacle, run.may_pass = str(error), True
    except (CredentialMissing, DoesNotOpen) as error:
        run.obstacle = str(error)
    except ValidationError as error:
        run.obstacle = " ".join(error.messages)


def begin(run: Run) -> Sending | None:
    """Claim it and begin its first open step, in the caller's transaction; None if there is nothing to send."""
    with running(run.setup.pk), acting(run.setup.request_id), rows.in_one_go():
        sending = _begin(run) if claim(run, timezone.now()) else None
        reach("claim.uncommitted")
    return sending


def deliver(run: Run, sending: Sending) -> Answer | OutboundError:
    """Send the request, with no transaction open and without the database; errors are outcomes too.

    The answer is in the call's row then, in memory; `settle` writes it down.
    """
    try:
        outcome: Answer | OutboundError = send(sending.request, run.secrets)
    except OutboundError as error:
        outcome = error
    take_answer(sending.call, outcome, run.secrets)
    return outcome


def settle(run: Run, sending: Sending, outcome: Answer | OutboundError) -> Sending | None:
    """Write down what came of it and begin the next step, in the caller's transaction; None if that was the last."""
    with running(run.setup.pk), acting(run.setup.request_id), rows.in_one_go():
        following = _settle(run, sending, outcome)
        reach("settle.uncommitted")
    return following


def _begin(run: Run) -> Sending | None:
    """Ask again whether it may run, and begin its first open step."""
    _take_over(run)
    try:
        require(run.actor, Right.RUN_SETUP, run.setup.tenant_id)
        refuse_if_archived(run.setup.tenant)
    except PermissionDenied:
        why = f"{ASKED} may no longer {Right.RUN_SETUP}. Another administrator can resume it."
        record(Verb.WORK_REFUSED, target(run.setup), run.actor, tenant_id=run.setup.tenant_id, reason=why)
        fail(run, why)
        return None
    except ValidationError as error:
        run.obstacle = " ".join(error.messages)
    if run.obstacle and run.may_pass and run.setup.tries < MOST_TRIES:
        put_off(run, settings.SETUP_REPUBLISH_SECONDS)
        return None
    if run.obstacle:
        fail(run, run.obstacle)
        return None
    note_use(run.revealed)
    return _begin_next(run)


def give_up_run(setup_id: UUID) -> None:
    """End a set-up that was begun too often; a person can resume it."""
    if (run := look_up(setup_id, timezone.now())) is not None:
        together(setup_id, partial(_give_up_run, run))


def _give_up_run(run: Run) -> None:
    with running(run.setup.pk), acting(run.setup.request_id):
        if claim(run, timezone.now()):
            _take_over(run)
            fail(run, GIVEN_UP.format(tries=run.setup.tries - 1))


def _take_over(run: Run) -> None:
    """Mark what a dead worker left: its request may have taken effect. Its call stays open, as evidence of that."""
    for step in run.steps:
        if step.state == StepState.SENDING:
            step.unclear = True
            record_step(run, Verb.SERVICE_UNCLEAR, step, Call.objects.filter(subject_id=step.pk).order_by("pk").last())


def _begin_next(run: Run) -> Sending | None:
    """Claim what is next, a read-back or an open step, and write down its call; finish the set-up if all is done."""
    unproven = next((step for step in run.steps if step.read_back_due), None)
    step = unproven or next((step for step in run.steps if not step.is_done), None)
    if step is None:
        finish(run)
        return None
    if not unproven and step.tries >= settings.SETUP_MAX_ATTEMPTS:
        # Only a worker that died leads here: whatever ended it must not end one worker after the other.
        give_up(run, step, out_of_attempts(step))
        return None
    if stopping.asked():
        hand_back(run)
        return None
    return _begin_read_back(run, step) if unproven else _begin_step(run, step)


def _begin_read_back(run: Run, step: SetupStep) -> Sending:
    """Begin the one read-back of a step; a worker that dies in it leaves the step unverified, as it is."""
    step.read_back_due = False
    with bookkeeping():  # the call is the record that it is on its way; the line comes with the answer
        write_step(step)
    request = nexus.read_service(run.setup.tenant, step.service)
    call = open_call(request, tenant_id=run.setup.tenant_id, subject_id=step.pk, request_id=run.setup.request_id)
    return Sending(step, request, call, reads_back=True)


def _begin_step(run: Run, step: SetupStep) -> Sending:
    request = run.requests[step.service]
    if step.unclear and not Call.objects.filter(subject_id=step.pk, method="POST", url=request.url).exists():
        step.unclear = False  # the address was changed: what may have taken effect did so at the old one
    step.state, step.started_at, step.finished_at = StepState.SENDING, timezone.now(), None
    step.attempts, step.tries, step.sentence = step.attempts + 1, step.tries + 1, ""
    with bookkeeping():  # the call is the record that it is on its way; the line comes with the answer
        write_step(step)
    call = open_call(request, tenant_id=run.setup.tenant_id, subject_id=step.pk, request_id=run.setup.request_id)
    return Sending(step, request, call)


def _settle(run: Run, sending: Sending, outcome: Answer | OutboundError) -> Sending | None:
    """Write down the outcome and begin the next step, in one transaction."""
    now = timezone.now()
    write_answer(sending.call)
    longer = {"lease_until": lease(now), "tries": 0}
    if not rows.update(Setup, longer, pk=run.setup.pk, fence=run.fence, state=SetupState.RUNNING):
        # Another worker has it by now: our answer stays as evidence in the call and its line, and moves nothing.
        tell_of(sending.call)
        return None
    if sending.reads_back:
        keep_look(run, sending, outcome, now)
        return _begin_next(run)
    step, verdict = sending.step, judge(sending.step, outcome)
    step.sentence, step.unclear, step.finished_at = verdict.sentence, step.unclear or verdict.unclear, now
    step.read_back_due = verdict.read_back
    match verdict.fate:
        case Fate.AGAIN:
            try_later(run, sending, verdict, now)
        case Fate.FAILED:
            give_up(run, step, verdict.sentence, sending.call)
        case Fate.CREATED | Fate.ACCEPTED | Fate.FOUND | Fate.KEPT:
            keep_service(run, sending, verdict, now)
            return _begin_next(run)
    return None
