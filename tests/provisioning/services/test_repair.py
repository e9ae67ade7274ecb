"""A check that somebody asked for is made once, and comes to an end whatever happens to messages, workers and keys."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from portal.audit.actors import Actor
from portal.core.tasks.sweeper import MOST_TRIES
from portal.devtools.sandbox.control import Control
from portal.tenants.models import Tenant
from provisioning.models import Service, Setup
from provisioning.services import actions
from provisioning.services.actions import CHECKS, ask_check, check
from tests.provisioning import kaleyra
from tests.provisioning.collisions.crowd import at_once
from tests.provisioning.kaleyra import verbs
from tests.support.sweeping import sweep

pytestmark = [pytest.mark.databases, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def service(queued: Setup, wake_ups: list[str], sandbox: Control) -> Service:
    """A service that a run created."""
    kaleyra.run(queued)
    wake_ups.clear()
    return Service.objects.get(name="mGageSMS")


def age(service: Service) -> Service:
    """Let an hour pass."""
    then = timezone.now() - timedelta(hours=1)
    rows = Service.objects.filter(pk=service.pk)
    rows.filter(check_asked_at__isnull=False).update(check_asked_at=then)
    rows.filter(check_lease_until__isnull=False).update(check_lease_until=then)
    rows.filter(check_published_at__isnull=False).update(check_published_at=then)
    service.refresh_from_db()
    return service


def test_a_lost_message_is_made_up_for(actor: Actor, service: Service, wake_ups: list[str]) -> None:
    ask_check(actor, service)
    wake_ups.clear()
    assert sweep(CHECKS) == 0  # it gets its time
    age(service)
    assert sweep() >= 1
    assert wake_ups == [str(service.pk)]


def test_two_clicks_at_the_same_moment_are_one_check(
    actor: Actor, service: Service, wake_ups: list[str], tenant: Tenant, sandbox: Control
) -> None:
    before = len(sandbox.ledger())
    at_once([lambda: ask_check(actor, service)] * 2)
    assert wake_ups == [str(service.pk)]
    assert verbs(tenant).count("service.check_asked") == 1
    at_once([lambda: check(service.pk)] * 2)
    assert len(sandbox.ledger()) == before + 1
    ask_check(actor, service)  # and when it has ended it can be asked for again
    assert verbs(tenant).count("service.check_asked") == 2


def test_one_that_kills_its_worker_ends_in_words(
    actor: Actor, service: Service, wake_ups: list[str], tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def die(_: Service) -> None:
        raise Killed

    ask_check(actor, service)
    monkeypatch.setattr(actions, "_read_back", die)
    tries = 0
    while age(service).check_asked_at is not None and tries < 20:
        wake_ups.clear()
        sweep(CHECKS)
        if wake_ups:
            tries += 1
            with pytest.raises(Killed):
                check(service.pk)
    assert tries == MOST_TRIES
    assert service.check_sentence.startswith("It was not read. Its worker ended before the work did, 5 times.")
    assert verbs(tenant)[-1] == "work.given_up"


def test_a_keyset_that_is_away_is_told_and_waited_for(
    actor: Actor, service: Service, wake_ups: list[str], settings: Any, tmp_path: Path
) -> None:
    keys = settings.VAULT_KEYSET_FILE
    ask_check(actor, service)
    settings.VAULT_KEYSET_FILE = str(tmp_path)
    check(service.pk)
    service.refresh_from_db()
    assert service.check_asked_at is None
    assert service.check_sentence.startswith("It could not be read. The vault's keyset cannot be read.")
    assert service.check_sentence.endswith("The portal tries again by itself.")
    settings.VAULT_KEYSET_FILE = keys
    age(service)
    assert sweep(CHECKS) == 1
    check(service.pk)
    service.refresh_from_db()
    assert (service.check_tone, service.check_due_at) == ("good", None)


def test_a_keyset_that_stays_away_is_the_end_of_it(
    actor: Actor, service: Service, settings: Any, tmp_path: Path, tenant: Tenant
) -> None:
    ask_check(actor, service)
    settings.VAULT_KEYSET_FILE = str(tmp_path)
    for _ in range(MOST_TRIES):
        check(service.pk)
    service.refresh_from_db()
    assert (service.check_due_at, service.check_tries) == (None, MOST_TRIES)
    assert "tries again" not in service.check_sentence
    assert verbs(tenant)[-1] == "service.checked"
