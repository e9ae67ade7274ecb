"""Engine of a run: claim a set-up, send each of its services, and record the results.

If an answer proves nothing, the service is read back once before the next one is sent. One transaction between two
requests records the result of one step and starts the next. No transaction is open while a request is in flight.

The writers of a process commit in groups, one writer at a time. So everything that only reads or computes happens
before the transaction.
"""

from functools import partial
from uuid import UUID

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from portal.accounts.permission import ASKED, require
from portal.accounts.rights import Right
from portal.audit.context import acting
from portal.audit.recording import record
from portal.audit.verbs import Verb
from portal.core.db import fast_sql
from portal.core.db.group_commit import commit_in_group
from portal.core.logging.formatters import running
from portal.core.tasks import shutdown
from portal.core.tasks.failpoints import failpoint
from portal.core.tasks.sweeper import GIVEN_UP, MOST_TRIES
from portal.http_client.call_log import take_answer, tell_of, write_answer
from portal.http_client.errors import OutboundError
from portal.http_client.messages import Answer
from portal.http_client.send import send
from portal.tenants.actions import refuse_if_archived
from portal.vault.actions import CredentialMissing, note_use, reveal
from portal.vault.encryption import DecryptionError
from portal.vault.keyset import KeysetUnusable
from provisioning import nexus
from provisioning.models import Setup, SetupState
from provisioning.runs.claims import Run, Sending, claim, count_lost_try, hand_back, lease, load_run, put_off, target
from provisioning.runs.results import (
    begin_read_back,
    begin_step,
    fail,
    fail_step,
    finish,
    out_of_attempts,
    save_answer,
    save_look,
    take_over,
)
from provisioning.wizard.drafts import answers_of, option_of


def run(setup_id: UUID) -> None:
    """Run a set-up as far as possible. Does nothing if it is not due or another worker has it."""
    with running(setup_id):
        failpoint("claim.before")
        if (found := load_run(setup_id, timezone.now())) is None:
            return
        try:
            prepare_requests(found)
            sending = commit_in_group(setup_id, partial(begin, found), found.rows)
        except BaseException:
            count_lost_try(found)
            raise
        failpoint("claim.committed")
        while sending:
            failpoint("send.before")
            outcome = send_request(found, sending)
            failpoint("send.answered")
            sending = commit_in_group(setup_id, partial(record_result, found, sending, outcome), found.rows)
            failpoint("settle.committed")


def prepare_requests(run: Run) -> None:
    """Build the requests and decrypt the secrets, or note the obstacle. Only reads, so it needs no write lock."""
    try:
        option, answers = option_of(run.setup), answers_of(run.setup)
        for service in option.services(answers):
            run.requests[service.name] = nexus.create_service(run.setup.tenant, service)
        uses, urls = option.bindings(run.setup.tenant, answers), [request.url for request in run.requests.values()]
        run.revealed = reveal(run.setup.tenant_id, uses, sent_to=urls)
    except KeysetUnusable as error:
        run.obstacle, run.may_pass = str(error), True
    except (CredentialMissing, DecryptionError) as error:
        run.obstacle = str(error)
    except ValidationError as error:
        run.obstacle = " ".join(error.messages)


def begin(run: Run) -> Sending | None:
    """Claim the set-up and start its first open step, in the caller's transaction; None if nothing is to be sent."""
    with running(run.setup.pk), acting(run.setup.request_id), fast_sql.pipeline():
        sending = _begin(run) if claim(run, timezone.now()) else None
        failpoint("claim.uncommitted")
    return sending


def send_request(run: Run, sending: Sending) -> Answer | OutboundError:
    """Send the request outside of any transaction; return the answer or the error.

    Also fills in the call row in memory, which is saved when the result is recorded.
    """
    try:
        outcome: Answer | OutboundError = send(sending.request, run.secrets)
    except OutboundError as error:
        outcome = error
    take_answer(sending.call, outcome, run.secrets)
    return outcome


def record_result(run: Run, sending: Sending, outcome: Answer | OutboundError) -> Sending | None:
    """Record the result and start the next step, in the caller's transaction; None after the last step."""
    with running(run.setup.pk), acting(run.setup.request_id), fast_sql.pipeline():
        following = _settle(run, sending, outcome)
        failpoint("settle.uncommitted")
    return following


def _begin(run: Run) -> Sending | None:
    """Check again that the set-up may run, then start its first open step."""
    take_over(run)
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
    """Fail a set-up that was claimed too often; a person can resume it."""
    if (run := load_run(setup_id, timezone.now())) is not None:
        commit_in_group(setup_id, partial(_give_up_run, run))


def _give_up_run(run: Run) -> None:
    with running(run.setup.pk), acting(run.setup.request_id):
        if claim(run, timezone.now()):
            take_over(run)
            fail(run, GIVEN_UP.format(tries=run.setup.tries - 1))


def _begin_next(run: Run) -> Sending | None:
    """Start the next read-back or open step and write its call row; finish the set-up if everything is done."""
    unproven = next((step for step in run.steps if step.read_back_due), None)
    step = unproven or next((step for step in run.steps if not step.is_done), None)
    if step is None:
        finish(run)
        return None
    if not unproven and step.tries >= settings.SETUP_MAX_ATTEMPTS:
        # Only dead workers lead here. Stop, so that the same cause does not kill one worker after another.
        fail_step(run, step, out_of_attempts(step))
        return None
    if shutdown.is_requested():
        hand_back(run)
        return None
    return begin_read_back(run, step) if unproven else begin_step(run, step)


def _settle(run: Run, sending: Sending, outcome: Answer | OutboundError) -> Sending | None:
    """Record the result and start the next step, in one transaction."""
    now = timezone.now()
    write_answer(sending.call)
    longer = {"lease_until": lease(now), "tries": 0}
    if not fast_sql.update(Setup, longer, pk=run.setup.pk, fence=run.fence, state=SetupState.RUNNING):
        # Another worker has claimed it. Our answer stays on record in the call and its event, and changes no state.
        tell_of(sending.call)
        return None
    save = save_look if sending.reads_back else save_answer
    return _begin_next(run) if save(run, sending, outcome, now) else None
