"""Encrypted answers of a draft, and the stored secrets that belong to it."""

from collections.abc import Mapping
from typing import Any

import orjson

from portal.vault.encryption import DecryptionError, decrypt, encrypt
from portal.vault.kinds import Kind
from portal.vault.lookup import choose, elsewhere, stored_for
from portal.vault.models import Credential
from provisioning.models import Setup, SetupState
from provisioning.options import OPTIONS
from provisioning.options.base import Option
from provisioning.wizard.forms import StepForm, facts_of
from provisioning.wizard.steps import WizardStep


def option_of(setup: Setup) -> Option:
    """Return the set-up's option."""
    return OPTIONS[setup.option]


def answers_by_step(setup: Setup) -> dict[str, dict[str, Any]]:
    """Return the saved answers by step; the tenant's facts come from its row as they are now.

    Raises DecryptionError if the answers cannot be decrypted.
    """
    if setup.answers is None:
        return {}
    opened: dict[str, dict[str, Any]] = orjson.loads(decrypt(setup.answers, setup.answers_place()))
    facts = facts_of(setup.tenant)
    return {key: {name: facts.get(name, value) for name, value in answers.items()} for key, answers in opened.items()}


def clear_if_undecryptable(setup: Setup) -> str:
    """Clear answers that cannot be decrypted (in memory only). Return a message about it, or an empty string."""
    try:
        answers_by_step(setup)
    except DecryptionError as error:
        setup.answers = None
        return f"The draft's answers cannot be read. {error}"
    return ""


def answers_of(setup: Setup) -> dict[str, Any]:
    """Return all saved answers by the guide's variable names."""
    return {name: value for step in answers_by_step(setup).values() for name, value in step.items()}


def store_answers(setup: Setup, step: WizardStep, answers: dict[str, Any]) -> None:
    """Put the answers of one step into the draft (in memory; the caller saves)."""
    setup.answers = encrypt(orjson.dumps(answers_by_step(setup) | {step.key: answers}), setup.answers_place())


def store_all_answers(setup: Setup, answers: Mapping[str, Mapping[str, Any]]) -> None:
    """Put the answers of all steps into an empty draft (in memory; the caller saves)."""
    setup.answers = encrypt(orjson.dumps(answers), setup.answers_place())


def form_of(setup: Setup, step: WizardStep, **kwargs: Any) -> StepForm:
    """Return the form of a step, with the draft's other answers and its stored secrets."""
    return step.form(setup.tenant, saved=_readable(setup), draft=draft_of(setup), **kwargs)


def draft_of(setup: Setup) -> str:
    """Return the id under which the vault keeps this draft's own secrets; empty if the set-up is no draft."""
    return str(setup.pk) if setup.state == SetupState.DRAFT else ""


def secrets_of(setup: Setup) -> list[Credential]:
    """Return the stored secrets that this set-up uses: a draft's own ones first, otherwise the live ones."""
    return stored_for(setup.tenant_id, draft_of(setup))


def chosen_secrets(setup: Setup) -> list[Credential]:
    """Return the stored secret of each kind that the services need with these answers."""
    stored, draft = secrets_of(setup), draft_of(setup)
    uses = option_of(setup).bindings(setup.tenant, answers_of(setup))
    found = [choose(stored, kind, wanted, draft=draft) for kind, wanted in uses.items()]
    return sorted((row for row in found if row is not None), key=lambda row: row.kind)


def unanswered_steps(setup: Setup) -> list[WizardStep]:
    """Return the steps that have no answer."""
    done = answers_by_step(setup)
    return [step for step in option_of(setup).steps if not step.is_complete(done)]


def open_steps(setup: Setup) -> list[WizardStep]:
    """Return the steps that need an answer: unanswered ones, and those whose secret must be entered again."""
    done, again = answers_by_step(setup), asked_again(setup)
    return [step for step in option_of(setup).steps if not step.is_complete(done, again)]


def asked_again(setup: Setup) -> dict[Kind, str]:
    """Return a message for each secret that was stored for an address other than the one in the answers."""
    uses = option_of(setup).bindings(setup.tenant, answers_of(setup))
    return elsewhere(secrets_of(setup), uses, draft=draft_of(setup))


def moves_a_secret(setup: Setup, answers: Mapping[str, Any]) -> bool:
    """Return whether unsaved answers would send a stored secret to another address or use it for another client."""
    before = _readable(setup)
    option, stored = option_of(setup), {row.kind for row in secrets_of(setup)}
    now, then = option.bindings(setup.tenant, before), option.bindings(setup.tenant, before | dict(answers))
    moved = any(kind.value in stored and now[kind] != then.get(kind, now[kind]) for kind in now)
    return moved or answers.get("nexusURL", setup.tenant.nexus_url) != setup.tenant.nexus_url


def _readable(setup: Setup) -> dict[str, Any]:
    """Return all saved answers, or none if they cannot be decrypted."""
    try:
        return answers_of(setup)
    except DecryptionError:
        return {}
