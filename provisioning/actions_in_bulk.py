"""Bulk actions on set-ups: the same rows and events for a thousand tenants, in a few statements."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from portal.accounts.permission import require_in_all
from portal.accounts.rights import Right
from portal.audit.actors import Actor
from portal.audit.context import current
from portal.audit.recording import Line, record_many
from portal.audit.transactions import atomic
from portal.audit.verbs import Verb
from portal.tenants.models import Tenant
from portal.wakeups import wake_after_commit
from provisioning.drafts import keep_all
from provisioning.models import Setup, SetupState, SetupStep
from provisioning.options.base import Option
from provisioning.runs import RUN_TASK, target


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
        wake_after_commit(RUN_TASK, setup.pk)
    return setups


def _queued(actor: Actor, each: FirstSetup) -> Setup:
    now = timezone.now()
    setup = Setup(tenant=each.tenant, option=each.option.key, version=len(each.answers), changed_by_label=actor.label)
    setup.state, setup.started_at, setup.published_at = SetupState.QUEUED, now, now
    setup.started_by_id, setup.started_by_label = actor.user_id, actor.label
    setup.request_id = current().request_id
    keep_all(setup, each.answers)
    return setup


def _lines(setup: Setup, each: FirstSetup) -> list[Line]:
    """Return the events that `begin_setup`, `take_answers` and `start_setup` record."""
    about, tenant_id = target(setup), setup.tenant_id
    saved = [
        Line(
            Verb.SETUP_STEP_SAVED,
            about,
            tenant_id,
            {name: [None, value] for name, value in answers.items()},
            each.option.step(key).title,
        )
        for key, answers in each.answers.items()
    ]
    begun = Line(Verb.SETUP_BEGUN, about, tenant_id, {"option": [None, setup.option]})
    queued = {"state": [SetupState.DRAFT.value, SetupState.QUEUED.value]}
    return [begun, *saved, Line(Verb.SETUP_STARTED, about, tenant_id, queued)]
