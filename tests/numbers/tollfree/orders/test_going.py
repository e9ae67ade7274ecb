"""What is due is claimed by one worker, tried so often at most, and given up in words."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from portal.audit.actors import Actor
from portal.devtools.sandbox.control import Control
from portal.tenants.models import Tenant
from portal.vault import keyset
from senders.models import SenderId
from tests.numbers.tollfree.orders.doubt import unknown
from tests.support.sweeping import sweep
from tests.tollfree.orders.buying import NUMBER, fresh, go_now, posts
from tollfree.orders.models import NumberOrder, Release
from tollfree.orders.releases import worker
from tollfree.orders.releases.actions import ask_release
from tollfree.orders.worker import dispatch, resolve, send
from tollfree.orders.worker.send import MOST_TRIES
from tollfree.orders.worker.sweeper import ORDERS, RELEASES

pytestmark = [pytest.mark.databases, pytest.mark.django_db(transaction=True)]


class Killed(BaseException):
    """A worker that dies."""


def die(*_: Any, **__: Any) -> None:
    raise Killed


def sweep_until_given_up(order: NumberOrder, wake_ups: list[str]) -> int:
    """Let beat and the workers come again and again; how often a worker tried."""
    tries = 0
    for _ in range(30):
        NumberOrder.objects.filter(pk=order.pk, due_at__isnull=False).update(due_at=timezone.now(), published_at=None)
        wake_ups.clear()
        sweep(ORDERS)
        if str(order.pk) not in wake_ups:
            break
        tries += 1
        with pytest.raises(Killed):
            dispatch.go(order.pk)
    return tries


def test_an_order_that_kills_its_worker_before_it_is_sent_ends_in_words(
    queued: NumberOrder, sandbox: Control, wake_ups: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(send, "_look_first", die)
    assert sweep_until_given_up(queued, wake_ups) == MOST_TRIES
    ended = fresh(queued)
    assert (ended.state, posts(sandbox)) == ("refused", 0)
    assert ended.sentence.startswith(f"Its worker ended before the work did, {MOST_TRIES} times.")
    assert ended.sentence.endswith("Nothing was sent; order again.")


def test_an_order_of_unknown_outcome_that_kills_its_worker_gets_to_a_person(
    queued: NumberOrder, sandbox: Control, wake_ups: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = unknown(queued, sandbox)
    monkeypatch.setattr(resolve, "_by_looking", die)
    assert sweep_until_given_up(lost, wake_ups) == MOST_TRIES
    ended = fresh(lost)
    assert (ended.state, ended.due_at) == ("under_review", None)


def test_what_comes_of_a_try_begins_the_count_anew(queued: NumberOrder, sandbox: Control) -> None:
    lost = unknown(queued, sandbox)
    NumberOrder.objects.update(tries=MOST_TRIES - 1)
    assert go_now(lost).tries == 0


def test_a_keyset_that_is_away_puts_an_order_off(
    queued: NumberOrder, sandbox: Control, settings: Any, tmp_path: Path
) -> None:
    keys = settings.VAULT_KEYSET_FILE
    settings.VAULT_KEYSET_FILE = str(tmp_path)
    waiting = go_now(queued)
    assert (waiting.state, waiting.tries, posts(sandbox)) == ("queued", 1, 0)
    assert waiting.sentence.endswith("Nothing was ordered yet; it is tried again by itself.")
    settings.VAULT_KEYSET_FILE = keys
    assert go_now(waiting).state == "placed"


def test_a_keyset_that_stays_away_is_the_end_of_an_order(
    queued: NumberOrder, sandbox: Control, settings: Any, tmp_path: Path
) -> None:
    settings.VAULT_KEYSET_FILE = str(tmp_path)
    for _ in range(MOST_TRIES):
        queued = go_now(queued)
    assert (queued.state, posts(sandbox)) == ("refused", 0)
    assert str(keyset.KeysetUnusable()) in queued.sentence


def due(release: Release) -> Release:
    Release.objects.filter(pk=release.pk).update(due_at=timezone.now() - timedelta(seconds=1))
    return release


@pytest.fixture
def release(buyer: Actor, tenant: Tenant, queued: NumberOrder, sandbox: Control) -> Release:
    go_now(go_now(queued))
    SenderId.objects.all().delete()
    return due(ask_release(buyer, tenant, NUMBER, typed=NUMBER, reason="The hotline is closed."))


def test_a_keyset_that_is_away_puts_a_release_off(
    release: Release, sandbox: Control, settings: Any, tmp_path: Path
) -> None:
    keys = settings.VAULT_KEYSET_FILE
    settings.VAULT_KEYSET_FILE = str(tmp_path)
    dispatch.go_release(release.pk)
    release.refresh_from_db()
    assert (release.state, release.tries) == ("waiting", 1)
    settings.VAULT_KEYSET_FILE = keys
    dispatch.go_release(due(release).pk)
    release.refresh_from_db()
    assert release.state == "released"


def test_a_release_that_kills_its_worker_ends_in_words(
    release: Release, sandbox: Control, wake_ups: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "_look_first", die)
    for _ in range(MOST_TRIES):
        with pytest.raises(Killed):
            dispatch.go_release(due(release).pk)
    Release.objects.update(due_at=timezone.now(), published_at=None)
    sweep(RELEASES)
    release.refresh_from_db()
    assert release.state == "refused"
    assert "The number is kept" in release.sentence
