"""A queue that refuses or is silent costs the caller no time; a process that ends takes its wake-ups along."""

import json
import logging
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from uuid import UUID

import pytest
from kombu.exceptions import OperationalError
from redis import Redis

from portal.celery import app
from portal.core.tasks import publish
from portal.core.tasks.publish import send_task_on_commit
from portal.devtools.services import ports
from tests.portal.test_wake_ups_leave_after_the_commit import QUEUE, TASK, ids
from tests.support.children import wait_for
from tests.support.wake_ups import relay_at_rest

pytestmark = pytest.mark.sweep

#: Many calls; a tenth of this for one would already be a caller who waited for the queue's time-outs.
CALLS, SECONDS = 50, 2.0

_START = """
import json, os, sys, time
import django
django.setup()
from uuid import UUID
from portal.core.tasks import publish
from portal.celery import app
def wake(number):
    publish.send_task_on_commit("provisioning.tasks.run_setup", UUID(int=number))
"""
_TIMED = f"""
start = time.monotonic()
for number in range({CALLS}):
    wake(number)
print(json.dumps(time.monotonic() - start))
"""
_FORKED = """
wake(1)
publish._relay.flush()
child = os.fork()
if child == 0:
    wake(2)
    sys.exit(0)
os.waitpid(child, 0)
wake(3)
"""


def run(program: str, redis_url: str | None = None) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.support.settings"}
    environment |= {"REDIS_URL": redis_url} if redis_url else {}
    return subprocess.run(
        [sys.executable, "-c", _START + program],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )


@pytest.fixture
def silent() -> Iterator[str]:
    """The address of a Redis that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"redis://127.0.0.1:{server.getsockname()[1]}/0"


def test_a_queue_that_refuses_costs_the_caller_nothing(db: None) -> None:
    ran = run(_TIMED, f"redis://127.0.0.1:{ports.free_port()}/0")
    assert json.loads(ran.stdout) < SECONDS
    assert "Traceback" not in ran.stderr


def test_a_queue_that_says_nothing_costs_the_caller_nothing(db: None, silent: str) -> None:
    ran = run(_TIMED, silent)  # that it ended at all shows that the last wait, too, has an end
    assert json.loads(ran.stdout) < SECONDS


def test_whatever_the_queue_raises_is_a_line_in_the_log(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OperationalError("[Errno 111] Connection refused")

    monkeypatch.setattr(app, "send_task", refuse)
    relay = publish._Relay()  # noqa: SLF001 - one of this test's own
    monkeypatch.setattr(publish, "_relay", relay)
    with caplog.at_level(logging.WARNING):
        send_task_on_commit(TASK, UUID(int=1))
        relay.flush()
    assert f"wake-up not sent (OperationalError), the sweeper will find {UUID(int=1)}" in caplog.text


def test_a_process_that_ends_takes_its_wake_ups_along(db: None, redis: Redis) -> None:
    run(_TIMED)
    assert ids(redis) == [str(UUID(int=number)) for number in range(CALLS)]


def test_a_forked_process_sends_its_own_and_its_parent_goes_on(db: None, redis: Redis) -> None:
    run(_FORKED)
    assert ids(redis) == [str(UUID(int=number)) for number in (1, 2, 3)]


def test_what_waits_too_long_is_dropped_with_a_line_in_the_log(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING), relay_at_rest(monkeypatch, room=3) as (relay, _):
        for number in range(1, 10):
            send_task_on_commit(TASK, UUID(int=number))
    assert f"wake-up dropped, the sweeper will find {UUID(int=9)}" in caplog.text
    assert relay.waiting.unfinished_tasks == 0


def test_a_relay_that_could_not_start_starts_with_the_next_wake_up(
    transactional_db: None, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_more_threads(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(publish, "_relay", publish._Relay())  # noqa: SLF001 - one of this test's own
    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", no_more_threads)
        send_task_on_commit(TASK, UUID(int=1))
    send_task_on_commit(TASK, UUID(int=2))
    wait_for(lambda: redis.llen(QUEUE) > 0, "the wake-up")
    assert str(UUID(int=2)) in ids(redis)
