"""Actions on a run: start, resume after a failure, reopen as a draft."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from portal.accounts.permission import require, require_in_all
from portal.accounts.rights import Right
from portal.audit.actors import Actor
from portal.audit.context import current
from portal.audit.recording import NewEvent, record, record_many
from portal.audit.transactions import atomic
from portal.audit.verbs import Verb
from portal.core.tasks.failpoints import failpoint
from portal.core.tasks.publish import send_task_on_commit
from portal.tenants.models import Tenant
from portal.vault.actions import adopt_draft
from portal.vault.kinds import Kind
from provisioning.models import DONE, LIVE, Setup, SetupState, SetupStep
from provisioning.options.base import Option
from provisioning.runs.active_option import refuse_second_option
from provisioning.runs.claims import RUN_TASK, demand_state, locked_with_tenant, target
from provisioning.runs.planner import Intent, nothing_to_send, plan
from provisioning.runs.results import queue_step, retry_failed_steps
from provisioning.wizard.drafts import (
    answers_of,
    asked_again,
    clear_if_undecryptable,
    draft_of,
    option_of,
    secrets_of,
    store_all_answers,
    unanswered_steps,
)
from senders.actions import draft_sender

ANOTHER_RUNS = "Another set-up of this tenant is running; wait until it has finished."


@atomic
def start_setup(
    actor: Actor,
    setup: Setup,
    *,
    open_steps_allowed: frozenset[str] = frozenset(),
    only: frozenset[str] = frozenset(),
    version: int | None = None,
) -> Setup:
    """Queue a complete draft; a second start does nothing. Raises ValidationError with what is missing.

    Services that Nexus already holds with the same values are skipped. With `only`, exactly the named services are
    sent, whatever is known about them. `version` is the version that the person reviewed; if the draft has changed
    since, nothing is sent.
    """
    require(actor, Right.RUN_SETUP, setup.tenant_id)
    setup = locked_with_tenant(setup)
    if setup.state in LIVE | {SetupState.SUCCEEDED, SetupState.DIFFERS}:
        return setup
    demand_state(setup, SetupState.DRAFT, "It is no draft any more.")
    if version not in {None, setup.version}:
        raise ValidationError(
            f"{setup.changed_by_label} changed this draft after you opened its review, so nothing was sent. Review it "
            "again, then run it.",
            code="changed",
        )
    _refuse_incomplete(setup, open_steps_allowed)
    _refuse_blocked(setup)
    refuse_second_option(setup.tenant, setup.option, replaces_active_option=setup.replaces_active_option)
    adopt_draft(actor, setup.tenant_id, draft_of(setup))
    _write_steps(setup, only)
    option, answers = option_of(setup), answers_of(setup)
    for number in option.sender_numbers(answers):
        draft_sender(actor, setup.tenant_id, number=number, provider=option.provider)
    return _queue(actor, setup, Verb.SETUP_STARTED)


@atomic
def resume_setup(actor: Actor, setup: Setup) -> Setup:
    """Continue a failed set-up at its failed step; what succeeded is not sent again."""
    require(actor, Right.RUN_SETUP, setup.tenant_id)
    setup = locked_with_tenant(setup)
    if setup.state in LIVE or setup.state == SetupState.SUCCEEDED:
        return setup
    demand_state(setup, SetupState.FAILED, "Only a failed set-up can be resumed.")
    refuse_second_option(setup.tenant, setup.option, replaces_active_option=setup.replaces_active_option)
    retry_failed_steps(setup)
    return _queue(actor, setup, Verb.SETUP_RESUMED)


@atomic
def reopen_setup(actor: Actor, setup: Setup) -> Setup:
    """Turn a failed set-up into a draft again, so that its answers can be fixed; existing services stay."""
    require(actor, Right.RUN_SETUP, setup.tenant_id)
    setup = locked_with_tenant(setup)
    if setup.state == SetupState.DRAFT:
        return setup
    demand_state(setup, SetupState.FAILED, "Only a failed set-up can be opened again.")
    changes = {"state": [setup.state, SetupState.DRAFT.value]}
    setup.state, setup.sentence, setup.finished_at = SetupState.DRAFT, "", None
    setup.save()
    retry_failed_steps(setup)
    record(Verb.SETUP_REOPENED, target(setup), actor, tenant_id=setup.tenant_id, changes=changes)
    return setup


def _queue(actor: Actor, setup: Setup, verb: Verb) -> Setup:
    """Queue the set-up; the task is published after the commit."""
    now, changes = timezone.now(), {"state": [setup.state, SetupState.QUEUED.value]}
    setup.state, setup.started_at, setup.finished_at, setup.sentence = SetupState.QUEUED, now, None, ""
    setup.started_by_id, setup.started_by_label = actor.user_id, actor.label
    setup.request_id = current().request_id
    setup.next_attempt_at, setup.published_at, setup.tries = None, now, 0
    try:
        with transaction.atomic():
            setup.save()
    except IntegrityError as error:
        raise ValidationError(ANOTHER_RUNS) from error
    record(verb, target(setup), actor, tenant_id=setup.tenant_id, changes=changes)
    send_task_on_commit(RUN_TASK, setup.pk)
    failpoint("start.uncommitted")
    return setup


def _refuse_incomplete(setup: Setup, allowed: frozenset[str]) -> None:
    if sentence := clear_if_undecryptable(setup):
        raise ValidationError(sentence, code="unreadable")
    if steps := [step for step in unanswered_steps(setup) if step.key not in allowed]:
        raise ValidationError(f"Not complete yet: {', '.join(step.title for step in steps)}.", code="incomplete")
    wanted = {Kind.NEXUS_API_KEY, *option_of(setup).secrets}
    stored = {row.kind for row in secrets_of(setup)}
    if missing := [kind.label for kind in sorted(wanted) if kind.value not in stored]:
        raise ValidationError(f"Not stored yet: {', '.join(missing)}.", code="incomplete")
    if again := asked_again(setup):
        raise ValidationError(list(again.values()), code="elsewhere")


def _refuse_blocked(setup: Setup) -> None:
    if blockers := option_of(setup).blockers(setup.tenant):
        raise ValidationError(blockers, code="blocked")


def _write_steps(setup: Setup, only: frozenset[str]) -> None:
    """Write the planned steps; steps that are done and need no change stay done."""
    made = plan(setup)
    # Doubts about values that were sent earlier do not apply to the values that are sent now.
    setup.steps.filter(state__in=DONE).update(outcome_unknown=False)
    for position, planned in enumerate(made):
        name, intent = planned.definition.name, planned.intent
        if name in only or (not only and intent is not Intent.LEAVE):
            queue_step(setup, position, name, is_update=intent is not Intent.CREATE)
    if not setup.steps.exists():
        raise ValidationError(nothing_to_send(made))


@dataclass(frozen=True)
class FirstSetup:
    """The first set-up of a new tenant: the option and the validated answers of its steps."""

    tenant: Tenant
    option: Option
    answers: Mapping[str, Mapping[str, Any]]

    @property
    def flat(self) -> dict[str, Any]:
        """Return the answers of all steps by variable."""
        return {name: value for step in self.answers.values() for name, value in step.items()}


@atomic
def start_first_setups(actor: Actor, many: Sequence[FirstSetup]) -> list[Setup]:
    """Begin, answer and queue the first set-ups of tenants that were added in this transaction.

    Their credentials and sender IDs must be stored already. For existing tenants use `begin_setup`, `take_answers` and
    `start_setup`, which look up and lock what is there.
    """
    require_in_all(actor, Right.RUN_SETUP, {each.tenant.pk for each in many})
    setups = [_queued(actor, each) for each in many]
    Setup.objects.bulk_create(setups)
    SetupStep.objects.bulk_create(
        SetupStep(setup=setup, position=position, service=service.name)
        for setup, each in zip(setups, many, strict=True)
        for position, service in enumerate(each.option.services(each.flat))
    )
    record_many([line for setup, each in zip(setups, many, strict=True) for line in _lines(setup, each)], actor)
    for setup in setups:
        send_task_on_commit(RUN_TASK, setup.pk)
    return setups


def _queued(actor: Actor, each: FirstSetup) -> Setup:
    now = timezone.now()
    setup = Setup(tenant=each.tenant, option=each.option.key, version=len(each.answers), changed_by_label=actor.label)
    setup.state, setup.started_at, setup.published_at = SetupState.QUEUED, now, now
    setup.started_by_id, setup.started_by_label = actor.user_id, actor.label
    setup.request_id = current().request_id
    store_all_answers(setup, each.answers)
    return setup


def _lines(setup: Setup, each: FirstSetup) -> list[NewEvent]:
    """Return the events that `begin_setup`, `take_answers` and `start_setup` record."""
    about, tenant_id = target(setup), setup.tenant_id
    saved = [
        NewEvent(
            Verb.SETUP_STEP_SAVED,
            about,
            tenant_id,
            {name: [None, value] for name, value in answers.items()},
            each.option.step(key).title,
        )
        for key, answers in each.answers.items()
    ]
    begun = NewEvent(Verb.SETUP_BEGUN, about, tenant_id, {"option": [None, setup.option]})
    queued = {"state": [SetupState.DRAFT.value, SetupState.QUEUED.value]}
    return [begun, *saved, NewEvent(Verb.SETUP_STARTED, about, tenant_id, queued)]
