"""A Redis that answers and takes nothing: readiness and sign-in say so, and workers go on by themselves."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings
from redis import Redis

from portal.accounts.models import User
from portal.devtools.services import ports
from portal.devtools.services.redis import EmbeddedRedis
from portal.operations import health
from tests.support import forged
from tests.support.cast import PASSWORD
from tests.support.children import Restartable, wait_for
from tests.support.services import StartWorker


def fill(client: Redis) -> None:
    client.config_set("maxmemory", "1")


def make_replica(client: Redis) -> None:
    client.replicaof(ports.LOOPBACK, 1)


def want_replicas(client: Redis) -> None:
    client.config_set("min-replicas-to-write", "1")


def break_saving(client: Redis) -> None:
    folder = Path(str(client.config_get("dir")["dir"])) / "taken"
    folder.mkdir(exist_ok=True)
    client.config_set("dbfilename", "taken")
    client.config_set("save", "3600 1")
    client.bgsave()
    wait_for(lambda: client.info("persistence")["rdb_last_bgsave_status"] == "err", "a save that failed")


def mend(client: Redis) -> None:
    client.replicaof("NO", "ONE")
    for name, value in {"maxmemory": "0", "min-replicas-to-write": "0", "save": ""}.items():
        client.config_set(name, value)


@pytest.fixture
def client(tmp_path: Path, settings: Settings) -> Iterator[Redis]:
    """A client of a Redis of this test's own, which the portal uses."""
    embedded = EmbeddedRedis(tmp_path / "redis")
    server = Restartable("redis-that-refuses", embedded.command(), lambda _: embedded.ready())
    server.start()
    settings.REDIS_URL = embedded.url
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": [embedded.url]}}
    with Redis.from_url(embedded.url) as client:
        yield client
    server.stop()


@pytest.mark.parametrize("refuse", [fill, make_replica, want_replicas, break_saving])
def test_a_redis_that_takes_nothing_is_told_in_words_and_ends_no_worker(  # noqa: PLR0917 - the parts
    refuse: Callable[[Redis], None],
    client: Redis,
    settings: Settings,
    administrator: User,
    start_worker: StartWorker,
    start_order_worker: StartWorker,
) -> None:
    def sign_in() -> tuple[int, str]:
        answer = Client().post("/accounts/login/", {"login": administrator.email, "password": PASSWORD})
        return answer.status_code, answer.text

    def queue_is() -> str:
        return str(json.loads(Client().get("/readyz").content)["queue"])

    workers = {
        "upkeep": start_worker(REDIS_URL=settings.REDIS_URL),
        "orders": start_order_worker(REDIS_URL=settings.REDIS_URL),
    }
    pids = [worker.pid for worker in workers.values()]
    assert (queue_is(), sign_in()[0]) == ("ok", 302)

    refuse(client)
    status, text = sign_in()
    assert (status, queue_is()) == (503, "not ok")
    assert "The portal cannot reach its queue right now." in text
    time.sleep(3)  # long enough for a worker to give up
    assert all(worker.alive for worker in workers.values())

    mend(client)
    assert (queue_is(), sign_in()[0]) == ("ok", 302)
    for queue, task in [("upkeep", "portal.notifications.tasks.mail"), ("orders", "tollfree.tasks.order_go")]:
        good = forged.message(task, [forged.some_id()])
        client.lpush(queue, json.dumps(good))
        mark = f"{good['headers']['id']}] succeeded"
        wait_for(lambda worker=workers[queue], mark=mark: mark in worker.output(), "the next message")  # type: ignore[misc]  # mypy does not see the defaults
    assert [worker.pid for worker in workers.values()] == pids
    assert not [worker for worker in workers.values() if "Traceback" in worker.output()]


@pytest.mark.django_db
def test_a_check_that_fails_as_nobody_foresaw_says_no_and_the_others_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> bool:
        raise ZeroDivisionError

    monkeypatch.setattr(health, "QUESTIONS", {"broken": fail, "database": health.database})
    answer = Client().get("/readyz")
    assert (answer.status_code, json.loads(answer.content)) == (503, {"broken": "not ok", "database": "ok"})
