"""A sign of life says that the pool works, and goes by the database's clock; a wrong clock is shown."""

import json
import os
import signal
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from celery.signals import worker_ready, worker_shutdown
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from portal.accounts.models import User
from portal.celery import app
from portal.operations import heartbeats, models
from portal.operations.heartbeats import alive, beat, workers
from portal.operations.models import Heartbeat, HeartKind
from tests.support.children import wait_for
from tests.support.services import StartWorker


def orders_are() -> str:
    return str(json.loads(Client().get("/readyz").content)["orders"])


def children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@pytest.fixture
def stop() -> Iterator[Callable[[list[int]], None]]:
    """Stop processes; they go on at the end of the test."""
    stopped: list[int] = []

    def run(pids: list[int]) -> None:
        stopped.extend(pids)
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)

    yield run
    for pid in stopped:
        os.kill(pid, signal.SIGCONT)


def test_a_missing_worker_of_orders_is_no_readiness(db: None, start_order_worker: StartWorker) -> None:
    assert orders_are() == "not ok"
    worker = start_order_worker()
    wait_for(lambda: orders_are() == "ok", "a sign of life")
    worker.stop()
    assert orders_are() == "not ok"


def test_a_frozen_pool_of_orders_is_no_sign_of_life(
    start_order_worker: StartWorker, stop: Callable[[list[int]], None]
) -> None:
    worker = start_order_worker()
    wait_for(lambda: orders_are() == "ok", "a sign of life")
    children = children_of(worker.pid)
    assert len(children) == 2
    stop(children)
    wait_for(lambda: orders_are() == "not ok", "the pool to be missed")
    assert worker.alive
    assert "the pool of this worker does not answer" in worker.output()
    for child in children:
        os.kill(child, signal.SIGCONT)
    wait_for(lambda: orders_are() == "ok", "it to be seen again")


def test_a_frozen_worker_is_no_sign_of_life(start_order_worker: StartWorker, stop: Callable[[list[int]], None]) -> None:
    worker = start_order_worker()
    wait_for(lambda: orders_are() == "ok", "a sign of life")
    stop([worker.pid])
    wait_for(lambda: orders_are() == "not ok", "the worker to be missed")
    assert [heart.kind for heart in workers()] == [HeartKind.ORDERS]


@pytest.mark.databases
def test_a_sign_of_life_counts_by_the_databases_clock(
    db: None, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = timezone.now
    Heartbeat.objects.all().delete()  # of workers that earlier tests left running
    monkeypatch.setattr(timezone, "now", lambda: now() - timedelta(hours=2))
    beat(HeartKind.ORDERS, "orders@slow")
    monkeypatch.undo()
    [heart] = alive(HeartKind.ORDERS)
    assert abs(heart.at - now()) < timedelta(seconds=10)
    settings.HEARTBEAT_SECONDS = 0.000001
    assert alive(HeartKind.ORDERS) == []
    assert list(workers()) == [heart]


@pytest.mark.databases
@pytest.mark.skipif(connection.vendor != "postgresql", reason="a file has the clock of its machine")
@pytest.mark.parametrize("seconds", [-40.0, 0.0, 7.0])
def test_a_clock_that_is_off_is_measured_at_each_sign_of_life(
    seconds: float, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    now: Callable[[], datetime] = timezone.now
    monkeypatch.setattr(timezone, "now", lambda: now() + timedelta(seconds=seconds))
    beat(HeartKind.WORKER, "worker@off")
    monkeypatch.undo()
    heart = Heartbeat.objects.get(name="worker@off")
    assert heart.clock_ahead == pytest.approx(seconds, abs=1.0)
    assert heart.clock_is_wrong == bool(seconds)
    beat(HeartKind.WORKER, "worker@off")
    assert not Heartbeat.objects.get(name="worker@off").clock_is_wrong


@pytest.mark.parametrize(
    ("ahead", "words"), [(65.2, "65.2 s ahead of"), (-4.0, "4 s behind"), (models.WRONG_SECONDS / 2, "")]
)
@pytest.mark.parametrize("kind", [HeartKind.WORKER, HeartKind.ORDERS])
def test_a_wrong_clock_is_shown_to_administrators_and_measured(  # noqa: PLR0917 - the parts
    ahead: float,
    words: str,
    kind: HeartKind,
    site_administrator: User,
    client_of: Callable[[User], Client],
    settings: Settings,
) -> None:
    settings.METRICS_TOKEN = "scraper"
    settings.HEARTBEAT_SECONDS = 60
    beat(kind, "some@machine")
    Heartbeat.objects.update(clock_ahead=ahead)
    page = client_of(site_administrator).get("/operations/").text
    assert ("The clock of a worker is wrong" in page) == bool(words)
    assert f"{words} the database" in page or not words
    metrics = Client().get("/metrics", headers={"Authorization": "Bearer scraper"}).text
    assert f"portal_clock_off_seconds {abs(ahead):g}\n" in metrics


class Worker:
    """What Celery's signals name as the worker."""

    app = app
    hostname = "upkeep@here"

    class controller:  # noqa: N801 - Celery's name
        class pool_probe:  # noqa: N801 - the same
            @staticmethod
            def answers(_: float) -> bool:
                return True


@pytest.mark.django_db(transaction=True)
def test_a_beat_that_stumbles_is_followed_by_the_next(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.HEARTBEAT_SECONDS = 0.05
    stumbled: list[str] = []

    def stumble_once(kind: HeartKind, name: str) -> None:
        if not stumbled:
            stumbled.append(name)
            raise ZeroDivisionError
        beat(kind, name)

    monkeypatch.setattr(heartbeats, "beat", stumble_once)
    worker_ready.send(sender=Worker)
    try:
        wait_for(lambda: bool(alive(HeartKind.WORKER)), "a beat after the one that stumbled")
    finally:
        worker_shutdown.send(sender=Worker)
    assert stumbled == ["upkeep@here"]
