from datetime import timedelta

import pytest
from django.utils import timezone

from portal.audit.actors import Actor
from portal.devtools.sandbox.control import Control
from portal.tenants.models import Tenant
from provisioning.models import Rehearsal, RehearsalState, Setup
from provisioning.options.custom_gateway import webhook_test as room
from provisioning.options.custom_gateway.webhook_test import KIND, ask_rehearsal, rehearse
from tests.provisioning.kaleyra import verbs
from tests.support.sweeping import sweep


def taken(rehearsal: Rehearsal, *, seconds: float) -> None:
    """As if a worker had claimed it, whose lease ends in so many seconds."""
    until = timezone.now() + timedelta(seconds=seconds)
    Rehearsal.objects.filter(pk=rehearsal.pk).update(state=RehearsalState.RUNNING, lease_until=until)


def test_what_another_worker_has_is_left_alone(actor: Actor, at_good: Setup, sandbox: Control) -> None:
    asked = ask_rehearsal(actor, at_good)
    taken(asked, seconds=60)
    rehearse(asked.pk)
    assert sandbox.ledger() == []


def test_a_lease_that_ran_out_is_taken_over(actor: Actor, at_good: Setup, sandbox: Control) -> None:
    asked = ask_rehearsal(actor, at_good)
    taken(asked, seconds=-1)
    rehearse(asked.pk)
    asked.refresh_from_db()
    assert asked.state == RehearsalState.DONE


def test_whoever_lost_the_lease_writes_nothing(
    actor: Actor, at_good: Setup, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = ask_rehearsal(actor, at_good)

    def overtaken(rehearsal: Rehearsal) -> list[dict[str, str]]:
        taken(rehearsal, seconds=60)  # by another worker, while this one waits for the gateway
        return [{"title": "Late", "tone": "bad", "sentence": "Late."}]

    monkeypatch.setattr(room, "_play", overtaken)
    rehearse(asked.pk)
    asked.refresh_from_db()
    assert (asked.state, asked.grades) == (RehearsalState.RUNNING, [])
    assert verbs(tenant)[-1] == "rehearsal.asked"


@pytest.mark.parametrize(("seconds", "woken"), [(-1, 1), (60, 0)])
def test_the_sweeper_wakes_what_no_worker_has(
    actor: Actor, at_good: Setup, wake_ups: list[str], seconds: float, woken: int
) -> None:
    asked = ask_rehearsal(actor, at_good)
    taken(asked, seconds=seconds)
    Rehearsal.objects.update(asked_at=timezone.now() - timedelta(minutes=5))
    wake_ups.clear()
    sweep(KIND)
    assert wake_ups == [str(asked.pk)] * woken


def test_the_sweeper_leaves_what_was_asked_just_now(actor: Actor, at_good: Setup, wake_ups: list[str]) -> None:
    ask_rehearsal(actor, at_good)
    wake_ups.clear()
    sweep(KIND)
    assert wake_ups == []
