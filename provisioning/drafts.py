"""The sealed answers of a draft."""

from collections.abc import Mapping
from typing import Any

import orjson

from portal.vault.sealing import DoesNotOpen, seal, unseal
from provisioning.models import Setup
from provisioning.options import OPTIONS
from provisioning.options.base import Option
from provisioning.wizard import WizardStep, facts_of


def option_of(setup: Setup) -> Option:
    """Return the option of a set-up."""
    return OPTIONS[setup.option]


def answers_by_step(setup: Setup) -> dict[str, dict[str, Any]]:
    """Return the saved answers of each step, the tenant's facts as they are now.

    Raises DoesNotOpen if somebody tampered with them.
    """
    if setup.answers is None:
        return {}
    opened: dict[str, dict[str, Any]] = orjson.loads(unseal(setup.answers, setup.answers_place()))
    facts = facts_of(setup.tenant)
    return {key: {name: facts.get(name, value) for name, value in answers.items()} for key, answers in opened.items()}


def empty_if_unreadable(setup: Setup) -> str:
    """Take answers that do not open out of the draft (in memory), and return the sentence about them, or nothing."""
    try:
        answers_by_step(setup)
    except DoesNotOpen as error:
        setup.answers = None
        return f"The draft's answers cannot be read. {error}"
    return ""


def answers_of(setup: Setup) -> dict[str, Any]:
    """Return all saved answers by the guide's variable names."""
    return {name: value for step in answers_by_step(setup).values() for name, value in step.items()}


def keep(setup: Setup, step: WizardStep, answers: dict[str, Any]) -> None:
    """Put a step's answers into the draft (in memory; the caller saves)."""
    setup.answers = seal(orjson.dumps(answers_by_step(setup) | {step.key: answers}), setup.answers_place())


def keep_all(setup: Setup, answers: Mapping[str, Mapping[str, Any]]) -> None:
    """Put the answers of all steps into an empty draft at once (in memory; the caller saves)."""
    setup.answers = seal(orjson.dumps(answers), setup.answers_place())


def open_steps(setup: Setup) -> list[WizardStep]:
    """Return the steps that still need an answer."""
    done = answers_by_step(setup)
    return [step for step in option_of(setup).steps if step.key not in done]
