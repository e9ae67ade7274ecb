"""What can be done to set-ups: one function for each verb."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from portal.accounts.permission import require
from portal.accounts.rights import Right
from portal.audit.actors import Actor
from portal.audit.context import current
from portal.audit.recording import record
from portal.audit.verbs import Verb
from portal.crash_points import reach
from portal.frame.forms import tell_at_fields
from portal.tenants.actions import refuse_if_archived
from portal.tenants.models import Tenant
from portal.vault.actions import make_credential
from portal.vault.kinds import Kind
from portal.vault.models import Credential
from portal.vault.sealing import DoesNotOpen, seal, unseal
from portal.wakeups import wake_after_commit
from provisioning.drafts import answers_by_step, answers_of, empty_if_unreadable, keep, open_steps, option_of
from provisioning.forms import StepForm
from provisioning.models import ENDED, LIVE, UNFINISHED, Setup, SetupState, SetupStep, StepState
from provisioning.options import OPTIONS
from provisioning.planning import Intent, plan
from provisioning.runs import RUN_TASK, target
from provisioning.wizard import WizardStep
from senders.actions import draft_sender


class SavedByAnother(Exception):
    """Somebody saved the draft since this page was opened; nothing was overwritten."""


class StepInvalid(Exception):
    """The answers of a step are not right; `form` says why at each field."""

    def __init__(self, form: StepForm) -> None:
        super().__init__(form.errors.as_text())
        self.form = form


@transaction.atomic
def begin_setup(actor: Actor, tenant: Tenant, option_key: str, *, switch: bool = False) -> Setup:
    """Return the unfinished set-up of this option, or begin a draft with the answers of the last one that ran.

    `switch` says that the tenant shall change to this option. Raises ValidationError.
    """
    require(actor, Right.RUN_SETUP, tenant.pk)
    tenant = _locked(tenant.pk)
    found = Setup.objects.filter(tenant=tenant, option=option_key, state__in=UNFINISHED).first()
    if found:
        return found
    _refuse_second_option(tenant, option_key, switches=switch)
    setup = Setup(tenant=tenant, option=option_key, changed_by_label=actor.label, switches=switch)
    _copy_last_answers(setup)
    setup.save(force_insert=True)
    record(Verb.SETUP_BEGUN, target(setup), actor, tenant_id=tenant.pk, changes={"option": [None, option_key]})
    return setup


@transaction.atomic
def save_step(actor: Actor, setup: Setup, step_key: str, values: Mapping[str, Any], version: int) -> Setup:
    """Save one step's answers: secrets to the vault, the rest sealed into the draft.

    `version` is the draft's as the person saw it. Raises StepInvalid, SavedByAnother, and ValidationError if the
    set-up is no draft any more.
    """
    require(actor, Right.RUN_SETUP, setup.tenant_id)
    setup = _locked_with_tenant(setup)
    _demand_draft(setup)
    step = option_of(setup).step(step_key)
    form = step.form(setup.tenant, data=values)
    if setup.version != version:
        if _is_said_again(actor, setup, step, form, version):
            return setup
        raise SavedByAnother(setup.changed_by_label)
    if not form.is_valid():
        raise StepInvalid(form)
    empty_if_unreadable(setup)  # the page said so; what is saved now begins it anew
    before = answers_by_step(setup).get(step_key, {})
    _store(form, actor)
    setup.tenant.refresh_from_db()  # the form may have changed its facts
    keep(setup, step, form.answers())
    setup.version, setup.changed_by_label = setup.version + 1, actor.label
    setup.save()
    _record_step(actor, setup, step, before, form.answers())
    reach("save.uncommitted")
    return setup


@transaction.atomic
def make_secret(actor: Actor, setup: Setup, kind: Kind, version: int) -> tuple[Setup, str]:
    """Make a strong secret for a draft, store it, and return it to be shown once; raises what `save_step` raises."""
    require(actor, Right.RUN_SETUP, setup.tenant_id)
    setup = _locked_with_tenant(setup)
    _demand_draft(setup)
    if setup.version != version:
        raise SavedByAnother(setup.changed_by_label)
    made = make_credential(actor, setup.tenant_id, kind)
    setup.version, setup.changed_by_label = setup.version + 1, actor.label
    setup.save()
    return setup, made


@transaction.atomic
def take_answers(actor: Actor, setup: Setup, answers: Mapping[str, Mapping[str, Any]]) -> Setup:
    """Save answers by step that the steps' forms have checked already, a line of history for each step.

    The tenant's facts and the secrets are not among them: they have actions of their own. Raises ValidationError if
    the set-up is no draft any more.
    """
    require(actor, Right.RUN_SETUP, setup.tenant_id)
    setup = _locked_with_tenant(setup)
    _demand_draft(setup)
    empty_if_unreadable(setup)
    for key, given in answers.items():
        step, before = option_of(setup).step(key), answers_by_step(setup).get(key, {})
        keep(setup, step, dict(given))
        setup.version, setup.changed_by_label = setup.version + 1, actor.label
        _record_step(actor, setup, step, before, given)
    setup.save()
    return setup


@transaction.atomic
def start_setup(
    actor: Actor,
    setup: Setup,
    *,
    open_steps_allowed: frozenset[str] = frozenset(),
    only: frozenset[str] = frozenset(),
) -> Setup:
    """Queue a complete draft; starting it twice starts it once. Raises ValidationError with what is missing.

    Services that Nexus has with these very values are left alone. `only` names services to send whatever is known of
    them, and no others.
    """
    require(actor, Right.RUN_SETUP, setup.tenant_id)
    setup = _locked_with_tenant(setup)
    if setup.state in LIVE | {SetupState.SUCCEEDED, SetupState.DIFFERS}:
        return setup
    _demand(setup, SetupState.DRAFT, "It is no draft any more.")
    _refuse_incomplete(setup, open_steps_allowed)
    _refuse_blocked(setup)
    _refuse_second_option(setup.tenant, setup.option, switches=setup.switches)
    _write_steps(setup, only)
    option, answers = option_of(setup), answers_of(setup)
    for number in option.sender_numbers(answers):
        draft_sender(actor, setup.tenant_id, number=number, provider=option.provider)
    return _queue(actor, setup, Verb.SETUP_STARTED)


@transaction.atomic
def resume_setup(actor: Actor, setup: Setup) -> Setup:
    """Go on with a failed set-up at its failed step; what succeeded is not sent again."""
    require(actor, Right.RUN_SETUP, setup.tenant_id)
    setup = _locked_with_tenant(setup)
    if setup.state in LIVE or setup.state == SetupState.SUCCEEDED:
        return setup
    _demand(setup, SetupState.FAILED, "Only a failed set-up can be resumed.")
    _refuse_second_option(setup.tenant, setup.option, switches=setup.switches)
    setup.steps.filter(state=StepState.FAILED).update(state=StepState.PENDING)
    setup.steps.update(tries=0)
    return _queue(actor, setup, Verb.SETUP_RESUMED)


@transaction.atomic
def reopen_setup(actor: Actor, setup: Setup) -> Setup:
    """Turn a failed set-up into a draft again, so that its answers can be mended; services that exist stay."""
    require(actor, Right.RUN_SETUP, setup.tenant_id)
    setup = _locked_with_tenant(setup)
    if setup.state == SetupState.DRAFT:
        return setup
    _demand(setup, SetupState.FAILED, "Only a failed set-up can be opened again.")
    changes = {"state": [setup.state, SetupState.DRAFT.value]}
    setup.state, setup.sentence, setup.finished_at = SetupState.DRAFT, "", None
    setup.save()
    setup.steps.filter(state=StepState.FAILED).update(state=StepState.PENDING, tries=0)
    record(Verb.SETUP_REOPENED, target(setup), actor, tenant_id=setup.tenant_id, changes=changes)
    return setup


@transaction.atomic
def discard_setup(actor: Actor, setup: Setup) -> Setup:
    """Throw a draft away with its answers; credentials stay in the vault. Raises ValidationError if it ever sent."""
    require(actor, Right.RUN_SETUP, setup.tenant_id)
    setup = _locked_with_tenant(setup)
    if setup.state == SetupState.DISCARDED:
        return setup
    _demand(setup, SetupState.DRAFT, "Only a draft can be discarded.")
    if has_sent(setup):
        raise ValidationError("It has sent requests already, so it stays. Mend its answers, then run it.")
    changes = {"state": [setup.state, SetupState.DISCARDED.value]}
    setup.state, setup.answers = SetupState.DISCARDED, None
    setup.save()
    record(Verb.SETUP_DISCARDED, target(setup), actor, tenant_id=setup.tenant_id, changes=changes)
    return setup


def _queue(actor: Actor, setup: Setup, verb: Verb) -> Setup:
    """Hand the set-up to the workers, once the transaction has committed."""
    now, changes = timezone.now(), {"state": [setup.state, SetupState.QUEUED.value]}
    setup.state, setup.started_at, setup.finished_at, setup.sentence = SetupState.QUEUED, now, None, ""
    setup.started_by_id, setup.started_by_label = actor.user_id, actor.label
    setup.request_id = current().request_id
    setup.not_before, setup.published_at = None, now
    try:
        with transaction.atomic():
            setup.save()
    except IntegrityError as error:
        raise ValidationError("Another set-up of this tenant is running; wait until it has ended.") from error
    record(verb, target(setup), actor, tenant_id=setup.tenant_id, changes=changes)
    wake_after_commit(RUN_TASK, setup.pk)
    reach("start.uncommitted")
    return setup


def _record_step(
    actor: Actor, setup: Setup, step: WizardStep, before: Mapping[str, Any], after: Mapping[str, Any]
) -> None:
    changes = {name: [before.get(name), value] for name, value in after.items() if before.get(name) != value}
    record(Verb.SETUP_STEP_SAVED, target(setup), actor, tenant_id=setup.tenant_id, changes=changes, reason=step.title)


def has_sent(setup: Setup) -> bool:
    """Say whether a request of this set-up ever left."""
    return setup.steps.filter(attempts__gt=0).exists()


def closed_because(setup: Setup) -> str:
    """Return why the answers cannot change now, as a sentence; nothing while they can."""
    if setup.tenant.archived_at is not None:
        return f"{setup.tenant.name} was archived, so nothing about it can be changed."
    if setup.state == SetupState.DISCARDED:
        return "This draft was discarded, so there is nothing left to change. Begin a new one."
    return "" if setup.state == SetupState.DRAFT else "This set-up was started, so its answers cannot change now."


def _demand_draft(setup: Setup) -> None:
    if sentence := closed_because(setup):
        raise ValidationError(sentence, code="state")


def _is_said_again(actor: Actor, setup: Setup, step: WizardStep, form: StepForm, version: int) -> bool:
    """Say whether this is the very save that came before: a double click, or a page that was sent again."""
    return (
        (setup.version, setup.changed_by_label) == (version + 1, actor.label)
        and not empty_if_unreadable(setup)
        and form.is_valid()
        and form.answers() == answers_by_step(setup).get(step.key)
        and form.holds()
    )


def _store(form: StepForm, actor: Actor) -> None:
    """Store what the form stores at once; what is refused there is told at the field."""
    try:
        form.store(actor)
    except ValidationError as error:
        tell_at_fields(form, error)
        raise StepInvalid(form) from error


def _locked(tenant_id: UUID) -> Tenant:
    """Return the tenant, locked so that two options cannot start at once; raises ValidationError if archived.

    Not its key: workers that refer to the tenant while they hold a set-up must not wait for us, who wait for them.
    """
    locked = Tenant.objects.select_for_update(no_key=True).get(pk=tenant_id)
    refuse_if_archived(locked)
    return locked


def _locked_with_tenant(setup: Setup) -> Setup:
    """Return the set-up and its tenant, both locked; always the tenant first, so that nobody waits in a circle."""
    tenant = _locked(setup.tenant_id)
    locked = Setup.objects.select_for_update(no_key=True).get(pk=setup.pk)
    locked.tenant = tenant
    return locked


def _demand(setup: Setup, state: SetupState, otherwise: str) -> None:
    if setup.state != state:
        raise ValidationError(f"This set-up is {setup.get_state_display().lower()}. {otherwise}", code="state")


def _refuse_incomplete(setup: Setup, allowed: frozenset[str]) -> None:
    if sentence := empty_if_unreadable(setup):
        raise ValidationError(sentence, code="unreadable")
    if steps := [step for step in open_steps(setup) if step.key not in allowed]:
        raise ValidationError(f"Not complete yet: {', '.join(step.title for step in steps)}.", code="incomplete")
    wanted = {Kind.NEXUS_API_KEY, *option_of(setup).secrets}
    stored = set(Credential.objects.filter(tenant=setup.tenant).values_list("kind", flat=True))
    if missing := [kind.label for kind in sorted(wanted) if kind.value not in stored]:
        raise ValidationError(f"Not stored yet: {', '.join(missing)}.", code="incomplete")


def _refuse_blocked(setup: Setup) -> None:
    if blockers := option_of(setup).blockers(setup.tenant):
        raise ValidationError(blockers, code="blocked")


def _copy_last_answers(setup: Setup) -> None:
    """Begin with what the last run of this option was told, so that a change is one answer and not all of them."""
    ran = Setup.objects.filter(tenant_id=setup.tenant_id, option=setup.option, state__in=ENDED)
    last = ran.order_by("-begun_at").first()
    if last and last.answers is not None:
        with suppress(DoesNotOpen):
            setup.answers = seal(unseal(last.answers, last.answers_place()), setup.answers_place())


def _write_steps(setup: Setup, only: frozenset[str]) -> None:
    """Write down what will be sent; what a run of this set-up did already and needs no change stays done."""
    for position, planned in enumerate(plan(setup)):
        name, intent = planned.definition.name, planned.intent
        if name in only or (not only and intent is not Intent.LEAVE):
            replaces = intent is not Intent.CREATE
            facts = {"service": name, "state": StepState.PENDING, "replaces": replaces, "tries": 0}
            SetupStep.objects.update_or_create(setup=setup, position=position, defaults=facts)
    if not setup.steps.exists():
        raise ValidationError("Digital Channels has all services with these values, so there is nothing to send.")


def _refuse_second_option(tenant: Tenant, option_key: str, *, switches: bool) -> None:
    """One option is active in a tenant at a time: all three create the service SMS."""
    active = active_option(tenant)
    if active and active != option_key and not switches:
        raise ValidationError(
            f"{tenant.name} is set up with {OPTIONS[active].title}. One option is active in a tenant at a time, "
            "since each creates the service SMS.",
            code="other option",
        )


def active_option(tenant: Tenant) -> str | None:
    """Return the key of the option whose service SMS the tenant has, or else of the one that runs or ran."""
    if sms := tenant.services.filter(name="SMS").select_related("setup").first():
        return sms.setup.option
    setups = Setup.objects.filter(tenant=tenant)
    running = setups.filter(state__in=LIVE | {SetupState.SUCCEEDED})
    holding = setups.filter(services__isnull=False)
    return (running | holding).distinct().order_by("-begun_at").values_list("option", flat=True).first()
