from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from genesys_cloud.access import Access
from portal.accounts.models import User
from portal.accounts.permission import person
from portal.core.tasks.sweeper import MOST_TRIES
from portal.devtools.sandbox.control import Control
from portal.tenants.models import Tenant
from tests.provisioning.collisions.crowd import at_once
from tests.provisioning.kaleyra import verbs
from tests.support.sweeping import sweep
from tests.support.wake_ups import heard
from tests.tollfree.inventory.stories import NUMBER
from tollfree.inventory import sync
from tollfree.inventory.actions import ask_refresh
from tollfree.inventory.models import InventoryRefresh, OwnedNumber
from tollfree.inventory.sync import KIND, refresh

pytestmark = [pytest.mark.databases, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    return heard(monkeypatch)


@pytest.fixture
def asked(representative: User, tenant: Tenant, set_up: Access, published: list[str]) -> InventoryRefresh:
    return ask_refresh(person(representative), tenant)


def age(asked: InventoryRefresh) -> InventoryRefresh:
    """Let an hour pass."""
    then = timezone.now() - timedelta(hours=1)
    rows = InventoryRefresh.objects.filter(pk=asked.pk)
    rows.filter(asked_at__isnull=False).update(asked_at=then)
    rows.filter(lease_until__isnull=False).update(lease_until=then)
    rows.filter(published_at__isnull=False).update(published_at=then)
    asked.refresh_from_db()
    return asked


def test_two_clicks_at_the_same_moment_are_one_refresh(
    representative: User, tenant: Tenant, set_up: Access, published: list[str]
) -> None:
    at_once([lambda: ask_refresh(person(representative), tenant)] * 2)
    assert len(published) == 1
    assert verbs(tenant).count("number.refresh_asked") == 1


def test_a_keyset_that_is_away_is_told_and_waited_for(
    asked: InventoryRefresh, sandbox: Control, settings: Any, tmp_path: Path
) -> None:
    sandbox.genesys_cloud.put_number(NUMBER)
    keys = settings.VAULT_KEYSET_FILE
    settings.VAULT_KEYSET_FILE = str(tmp_path)
    refresh(asked.pk)
    assert age(asked).is_live
    assert asked.sentence.endswith("It is tried again by itself.")
    settings.VAULT_KEYSET_FILE = keys
    assert sweep(KIND) == 1
    refresh(asked.pk)
    assert age(asked).ok
    assert OwnedNumber.objects.get().number == NUMBER


def test_a_keyset_that_stays_away_is_the_end_of_it(asked: InventoryRefresh, settings: Any, tmp_path: Path) -> None:
    settings.VAULT_KEYSET_FILE = str(tmp_path)
    for _ in range(MOST_TRIES):
        refresh(asked.pk)
    asked.refresh_from_db()
    assert (asked.is_live, asked.ok) == (False, False)
    assert asked.sentence.endswith("What was known before is kept.")


def test_one_that_kills_its_worker_ends_in_words(
    asked: InventoryRefresh, tenant: Tenant, published: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def die(_: InventoryRefresh) -> None:
        raise Killed

    monkeypatch.setattr(sync, "_look", die)
    tries = 0
    while age(asked).is_live and tries < 20:
        published.clear()
        sweep(KIND)
        if published:
            tries += 1
            with pytest.raises(Killed):
                refresh(asked.pk)
    assert (asked.ok, tries) == (False, MOST_TRIES)
    assert asked.sentence.startswith("Its worker ended before the work did, 5 times.")
    assert verbs(tenant)[-1] == "work.given_up"
