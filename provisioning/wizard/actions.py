"""Actions on a draft: begin, save a step, discard."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from django.core.exceptions import ValidationError

from portal.accounts.permission import require
from portal.accounts.rights import Right
from portal.audit.actors import Actor
from portal.audit.recording import record
from portal.audit.transactions import atomic
from portal.audit.verbs import Verb
from portal.core.tasks.failpoints import failpoint
from portal.tenants.models import Tenant
from portal.ui.forms import tell_at_fields
from portal.vault.actions import forget_draft, make_credential
from portal.vault.encryption import DecryptionError, decrypt, encrypt
from portal.vault.kinds import Kind
from provisioning.models import ENDED, LIVE, UNFINISHED, Setup, SetupState
from provisioning.runs.actions import ANOTHER_RUNS, reopen_setup
from provisioning.runs.active_option import active_option, refuse_second_option
from provisioning.runs.claims import demand_state, locked_tenant, locked_with_tenant, target
from provisioning.wizard.drafts import (
    answers_by_step,
    clear_if_undecryptable,
    draft_of,
    form_of,
    option_of,
    store_answers,
)
from provisioning.wizard.forms import StepForm
from provisioning.wizard.steps import WizardStep


class SavedByAnother(Exception):
    """Another person saved the draft after this page was opened; nothing was overwritten."""


class StepInvalid(Exception):
    """The answers of a step are invalid; `form` has the errors."""

    def __init__(self, form: StepForm) -> None:
        super().__init__(form.errors.as_text())
        self.form = form


@atomic
def begin_setup(actor: Actor, tenant: Tenant, option_key: str, *, switch: bool = False) -> Setup:
    """Return the option's unfinished set-up, or begin a draft with the answers of its last finished one.

    `switch` means that the tenant changes to this option. A failed set-up is reopened for that, because what it sent
    may have been replaced since. Raises ValidationError.
    """
    require(actor, Right.RUN_SETUP, tenant.pk)
    tenant = locked_tenant(tenant.pk)
    own = Setup.objects.filter(tenant=tenant, option=option_key, is_replacement=False)
    found = own.filter(state__in=UNFINISHED).first()
    if found:
        return _switching(actor, found) if switch and not (found.replaces_active_option or found.is_live) else found
    refuse_second_option(tenant, option_key, replaces_active_option=switch)
    setup = Setup(tenant=tenant, option=option_key, changed_by_label=actor.label, replaces_active_option=switch)
    _copy_last_answers(setup)
    setup.save(force_insert=True)
    record(Verb.SETUP_BEGUN, target(setup), actor, tenant_id=tenant.pk, changes={"option": [None, option_key]})
    return setup


def _switching(actor: Actor, setup: Setup) -> Setup:
    """Make an unfinished set-up replace the active option."""
    if active_option(setup.tenant) in {None, setup.option}:
        return setup
    if setup.state == SetupState.FAILED:
        setup = reopen_setup(actor, setup)
    setup.replaces_active_option = True
    setup.save(update_fields=["replaces_active_option"])
    changes = {"replaces the active option": [False, True]}
    record(Verb.SETUP_BEGUN, target(setup), actor, tenant_id=setup.tenant_id, changes=changes)
    return setup


@atomic
def begin_replacement(actor: Actor, source: Setup) -> Setup:
    """Begin a separate set-up with the answers of a finished one; other unfinished set-ups stay as they are.

    Raises ValidationError.
    """
    require(actor, Right.RUN_SETUP, source.tenant_id)
    tenant = locked_tenant(source.tenant_id)
    if Setup.objects.filter(tenant=tenant, state__in=LIVE).exists():
        raise ValidationError(ANOTHER_RUNS)
    setup = Setup(
        tenant=tenant,
        option=source.option,
        changed_by_label=actor.label,
        replaces_active_option=source.replaces_active_option,
    )
    setup.is_replacement = True
    _copy_answers(source, setup)
    setup.save(force_insert=True)
    record(Verb.SETUP_BEGUN, target(setup), actor, tenant_id=tenant.pk, changes={"option": [None, setup.option]})
    return setup


@atomic
def save_step(actor: Actor, setup: Setup, step_key: str, values: Mapping[str, Any], version: int) -> Setup:
    """Save one step's answers: secrets in the vault, the rest encrypted in the draft.

    `version` is the draft's version that the person saw. Raises StepInvalid, SavedByAnother, and ValidationError if the
    set-up is no longer a draft.
    """
    require(actor, Right.RUN_SETUP, setup.tenant_id)
    setup = locked_with_tenant(setup)
    _demand_draft(setup)
    step = option_of(setup).step(step_key)
    form = form_of(setup, step, data=values)
    if setup.version != version:
        if _is_said_again(actor, setup, step, form, version):
            return setup
        raise SavedByAnother(setup.changed_by_label)
    if not form.is_valid():
        raise StepInvalid(form)
    clear_if_undecryptable(setup)  # the page has shown a warning; this save starts with empty answers
    before = answers_by_step(setup).get(step_key, {})
    _store(form, actor)
    setup.tenant.refresh_from_db()  # the form may have changed the tenant
    store_answers(setup, step, form.answers())
    setup.version, setup.changed_by_label = setup.version + 1, actor.label
    setup.save()
    _record_step(actor, setup, step, before, form.answers())
    failpoint("save.uncommitted")
    return setup


@atomic
def make_secret(actor: Actor, setup: Setup, kind: Kind, version: int) -> tuple[Setup, str]:
    """Generate and store a strong secret for a draft; return it to be shown once. Raises what `save_step` raises."""
    require(actor, Right.RUN_SETUP, setup.tenant_id)
    setup = locked_with_tenant(setup)
    _demand_draft(setup)
    if setup.version != version:
        raise SavedByAnother(setup.changed_by_label)
    made = make_credential(actor, setup.tenant_id, kind, draft=draft_of(setup))
    setup.version, setup.changed_by_label = setup.version + 1, actor.label
    setup.save()
    return setup, made


@atomic
def take_answers(actor: Actor, setup: Setup, answers: Mapping[str, Mapping[str, Any]]) -> Setup:
    """Save answers by step that the forms have already validated, with an event for each step.

    They do not include the tenant's facts and the secrets, which have actions of their own. Raises ValidationError if
    the set-up is no longer a draft.
    """
    require(actor, Right.RUN_SETUP, setup.tenant_id)
    setup = locked_with_tenant(setup)
    _demand_draft(setup)
    clear_if_undecryptable(setup)
    for key, given in answers.items():
        step, before = option_of(setup).step(key), answers_by_step(setup).get(key, {})
        store_answers(setup, step, dict(given))
        setup.version, setup.changed_by_label = setup.version + 1, actor.label
        _record_step(actor, setup, step, before, given)
    setup.save()
    return setup


@atomic
def discard_setup(actor: Actor, setup: Setup) -> Setup:
    """Discard a draft with its answers and secrets. Raises ValidationError if it has sent a request."""
    require(actor, Right.RUN_SETUP, setup.tenant_id)
    setup = locked_with_tenant(setup)
    if setup.state == SetupState.DISCARDED:
        return setup
    demand_state(setup, SetupState.DRAFT, "Only a draft can be discarded.")
    if has_sent(setup):
        raise ValidationError("It has sent requests already, so it stays. Mend its answers, then run it.")
    forget_draft(actor, setup.tenant_id, draft_of(setup))
    changes = {"state": [setup.state, SetupState.DISCARDED.value]}
    setup.state, setup.answers = SetupState.DISCARDED, None
    setup.save()
    record(Verb.SETUP_DISCARDED, target(setup), actor, tenant_id=setup.tenant_id, changes=changes)
    return setup


def closed_because(setup: Setup) -> str:
    """Return why the answers cannot change now, or an empty string."""
    if setup.tenant.archived_at is not None:
        return f"{setup.tenant.name} was archived, so nothing about it can be changed."
    if setup.state == SetupState.DISCARDED:
        return "This draft was discarded, so there is nothing left to change. Begin a new one."
    return "" if setup.state == SetupState.DRAFT else "This set-up was started, so its answers cannot change now."


def has_sent(setup: Setup) -> bool:
    """Return whether any request of this set-up was sent."""
    return setup.steps.filter(attempts__gt=0).exists()


def _demand_draft(setup: Setup) -> None:
    if sentence := closed_because(setup):
        raise ValidationError(sentence, code="state")


def _is_said_again(actor: Actor, setup: Setup, step: WizardStep, form: StepForm, version: int) -> bool:
    """Return whether this is the same save again: a double click or a resent page."""
    return (
        (setup.version, setup.changed_by_label) == (version + 1, actor.label)
        and not clear_if_undecryptable(setup)
        and form.is_valid()
        and form.answers() == answers_by_step(setup).get(step.key)
        and form.holds()
    )


def _store(form: StepForm, actor: Actor) -> None:
    """Store the form's secrets and facts; errors from there are shown at the field."""
    try:
        form.store(actor)
    except ValidationError as error:
        tell_at_fields(form, error)
        raise StepInvalid(form) from error


def _record_step(
    actor: Actor, setup: Setup, step: WizardStep, before: Mapping[str, Any], after: Mapping[str, Any]
) -> None:
    changes = {name: [before.get(name), value] for name, value in after.items() if before.get(name) != value}
    record(Verb.SETUP_STEP_SAVED, target(setup), actor, tenant_id=setup.tenant_id, changes=changes, reason=step.title)


def _copy_last_answers(setup: Setup) -> None:
    """Start with the answers of the option's last finished set-up, so that a change needs one new answer."""
    ran = Setup.objects.filter(tenant_id=setup.tenant_id, option=setup.option, state__in=ENDED)
    last = ran.order_by("-begun_at").first()
    if last:
        _copy_answers(last, setup)


def _copy_answers(source: Setup, setup: Setup) -> None:
    if source.answers is not None:
        with suppress(DecryptionError):
            setup.answers = encrypt(decrypt(source.answers, source.answers_place()), setup.answers_place())
