"""A webhook test that somebody asked for is made once, and comes to an end whatever happens to workers and keys."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from portal.audit.actors import Actor
from portal.core.tasks.sweeper import MOST_TRIES
from portal.tenants.models import Tenant
from provisioning.models import Rehearsal, RehearsalState, Setup
from provisioning.options.custom_gateway import webhook_test
from provisioning.options.custom_gateway.webhook_test import KIND, ask_rehearsal, rehearse
from tests.provisioning.collisions.crowd import at_once
from tests.provisioning.custom_gateway import gateway
from tests.provisioning.kaleyra import verbs
from tests.support.sweeping import sweep
from tests.support.wake_ups import heard

pytestmark = [pytest.mark.databases, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def wake_ups(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    return heard(monkeypatch)


@pytest.fixture
def draft(actor: Actor, tenant: Tenant) -> Setup:
    return gateway.complete_draft(actor, tenant)


def age(asked: Rehearsal) -> Rehearsal:
    """Let an hour pass."""
    then = timezone.now() - timedelta(hours=1)
    rows = Rehearsal.objects.filter(pk=asked.pk)
    rows.update(asked_at=then)
    rows.filter(lease_until__isnull=False).update(lease_until=then)
    rows.filter(published_at__isnull=False).update(published_at=then)
    asked.refresh_from_db()
    return asked


def test_two_clicks_at_the_same_moment_are_one_test(
    actor: Actor, draft: Setup, tenant: Tenant, wake_ups: list[str]
) -> None:
    wake_ups.clear()
    asked = at_once([lambda: ask_rehearsal(actor, draft)] * 4)
    assert len({each.pk for each in asked}) == 1
    assert wake_ups == [str(asked[0].pk)]
    assert verbs(tenant).count("rehearsal.asked") == 1


def test_one_that_kills_its_worker_has_an_end(
    actor: Actor, draft: Setup, tenant: Tenant, wake_ups: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def die(_: Rehearsal) -> None:
        raise Killed

    asked = ask_rehearsal(actor, draft)
    monkeypatch.setattr(webhook_test, "_play", die)
    tries = 0
    while age(asked).is_live and tries < 20:
        wake_ups.clear()
        sweep(KIND)
        if wake_ups:
            tries += 1
            with pytest.raises(Killed):
                rehearse(asked.pk)
    assert (asked.state, tries) == (RehearsalState.DONE, MOST_TRIES)
    assert "Its worker ended before the work did, 5 times." in asked.grades[0]["sentence"]
    assert verbs(tenant)[-1] == "work.given_up"


def test_a_keyset_that_is_away_is_waited_for_but_not_for_ever(
    actor: Actor, draft: Setup, wake_ups: list[str], settings: Any, tmp_path: Path
) -> None:
    asked = ask_rehearsal(actor, draft)
    settings.VAULT_KEYSET_FILE = str(tmp_path)
    states = []
    for _ in range(MOST_TRIES):
        rehearse(asked.pk)
        asked.refresh_from_db()
        states.append(asked.state)
    assert states == ["queued"] * (MOST_TRIES - 1) + ["done"]
    assert "The vault's keyset cannot be read." in asked.grades[0]["sentence"]
