import fnmatch
from collections.abc import Callable
from pathlib import Path

import celery
import pytest
from celery.app.defaults import NAMESPACES, flatten
from django.db import connections
from redis import Redis

from portal import settings
from portal.celery import app
from tests.support.children import Restartable, wait_for
from tests.support.files import PROJECT

KNOWN = {pair[0] for pair in flatten(NAMESPACES)}
OURS = {name.removeprefix("CELERY_").lower() for name in vars(settings) if name.startswith("CELERY_")}


@pytest.fixture(scope="module", autouse=True)
def _all_tasks_are_loaded() -> None:
    app.loader.import_default_modules()


def test_every_setting_is_one_that_celery_knows() -> None:
    assert OURS <= KNOWN


@pytest.mark.parametrize("name", sorted(OURS - {"broker_url"}))
def test_every_setting_arrives(name: str) -> None:
    assert app.conf[name] == getattr(settings, f"CELERY_{name.upper()}")


def test_every_beat_leads_to_a_task_that_exists() -> None:
    assert {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()} <= set(app.tasks)


def test_every_route_leads_a_task_that_exists_to_a_queue_of_ours() -> None:
    for pattern, route in settings.CELERY_TASK_ROUTES.items():
        assert fnmatch.filter(app.tasks, pattern)
        assert route["queue"] in settings.QUEUES


def test_the_version_is_the_one_that_runs_no_task_twice() -> None:
    assert celery.__version__ == "5.6.3"


def test_connections_are_reused_between_tasks_and_stale_ones_closed(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    closed = []
    monkeypatch.setattr(type(connections["default"]), "close_if_unusable_or_obsolete", lambda _: closed.append(1))
    assert app.conf["CELERY_DB_REUSE_MAX"] > 1000
    celery.signals.task_prerun.send(sender=None)
    assert closed


def test_messages_are_json_and_nothing_else() -> None:
    assert app.conf.accept_content == ["json"]
    assert app.conf.task_serializer == "json"


def test_beat_keeps_no_file_so_that_a_full_disk_does_not_stop_the_clock(
    tmp_path: Path, redis: Redis, start_beat: Callable[..., Restartable]
) -> None:
    secret = {"VAULT_KEYSET_FILE": settings.VAULT_KEYSET_FILE, "SECRET_KEY": settings.SECRET_KEY}
    start_beat(VAR_DIR=str(tmp_path / "var"), SWEEP_SECONDS="0.2", **secret)
    wait_for(lambda: redis.llen("upkeep") > 0, "beat's first message")
    assert list(tmp_path.rglob("*schedule*")) == []
    assert not any(PROJECT.glob("celerybeat*"))
