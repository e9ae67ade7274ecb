"""Whoever writes to Redis cannot end a worker, nor make it mail, or write into a log or the history."""

import base64
import json
import os
from collections.abc import Callable
from uuid import uuid4

import pytest
from redis import Redis

from portal.accounts.models import User
from portal.audit.actors import SYSTEM
from portal.audit.models import Event
from portal.devtools.services import commands
from portal.evidence.verify_history import verify_and_keep
from tests.support import forged
from tests.support.children import Restartable, wait_for
from tests.support.services import StartWorker

#: A task with the id of a row, for each queue.
TASKS = {
    "setups": "provisioning.tasks.run_setup",
    "upkeep": "portal.notifications.tasks.mail",
    "orders": "tollfree.tasks.order_go",
}
#: Lines that a worker writes by itself.
_FIRST_WORDS = ("[", "  ", "- ", " -", "--", "Connected", "mingle", "worker", "\n")


def put(redis: Redis, queue: str, *messages: object) -> None:
    for message in messages:
        redis.lpush(queue, message if isinstance(message, bytes) else json.dumps(message))


def works(worker: Restartable, redis: Redis, queue: str) -> None:
    """A good message is done by the same process, after all that were put before."""
    good = forged.message(TASKS[queue], [forged.some_id()])
    put(redis, queue, good)
    wait_for(lambda: f"{TASKS[queue]}[{good['headers']['id']}] succeeded" in worker.output(), "the good message")
    assert worker.alive


def said_nothing_forged(worker: Restartable) -> None:
    output = worker.output()
    assert "\x1b" not in output
    assert "\u2028" not in output
    assert not [line for line in output.splitlines() if line.startswith(forged.LINE)]
    assert "Subject:" not in output  # an e-mail would be printed
    assert "Traceback" not in output


def worker_of(queue: str, start_worker: StartWorker, start_order_worker: StartWorker, **env: str) -> Restartable:
    return (start_order_worker if queue == "orders" else start_worker)(**env)


@pytest.mark.parametrize("queue", TASKS)
@pytest.mark.parametrize("log_format", ["text", "json"])
def test_a_forged_message_does_nothing_and_a_good_one_still_works(
    queue: str, log_format: str, start_worker: StartWorker, start_order_worker: StartWorker, redis: Redis
) -> None:
    worker = worker_of(queue, start_worker, start_order_worker, LOG_FORMAT=log_format)
    events, pid = Event.objects.count(), worker.pid
    for message in forged.broken(TASKS[queue]).values():
        put(redis, queue, message)
    for more in forged.extended(TASKS[queue], [forged.some_id()]).values():
        put(redis, queue, more)
    works(worker, redis, queue)
    assert worker.pid == pid
    said_nothing_forged(worker)
    assert worker.output().count(" was dropped: ") == len(forged.broken(TASKS[queue]))
    assert Event.objects.count() == events
    assert not os.path.exists("FORGED")  # noqa: PTH110 - what the pickle would have made


@pytest.mark.parametrize("queue", TASKS)
def test_commands_for_all_workers_are_heard_by_none(
    queue: str, start_worker: StartWorker, start_order_worker: StartWorker, redis: Redis
) -> None:
    worker = worker_of(queue, start_worker, start_order_worker)
    for method, arguments in [
        ("shutdown", {}),
        ("pool_shrink", {"n": 16}),
        ("rate_limit", {"task_name": TASKS[queue]}),
    ]:
        command = {"method": method, "arguments": arguments, "destination": None}
        message = {
            "body": base64.b64encode(json.dumps(command).encode()).decode(),
            "content-encoding": "utf-8",
            "content-type": "application/json",
            "headers": {},
            "properties": {"delivery_info": {}, "delivery_tag": str(uuid4()), "body_encoding": "base64"},
        }
        for channel in ("/0.celery.pidbox", "/0.celeryev/worker.control", "/0.celeryev"):
            assert redis.publish(channel, json.dumps(message)) == 0
        for key in ("celery.pidbox", f"{queue}1@host.celery.pidbox", "celeryev", "celery"):
            redis.lpush(key, json.dumps(message))
    works(worker, redis, queue)


@pytest.mark.parametrize("queue", TASKS)
def test_a_key_that_is_no_queue_makes_way(
    queue: str, start_worker: StartWorker, start_order_worker: StartWorker, redis: Redis
) -> None:
    for key in ("_kombu.binding.{}", "_kombu.binding_permanent.{}", "{}\x06\x163", "unacked", "unacked_index"):
        redis.set(key.format(queue), "forged")
    redis.hset(queue, "forged", "forged")
    worker = worker_of(queue, start_worker, start_order_worker)
    wait_for(lambda: redis.type(queue) == b"none", "the key to be deleted")
    works(worker, redis, queue)
    redis.set(queue, "x" * 1_000_000)
    wait_for(lambda: redis.type(queue) == b"none", "the key to be deleted again")
    works(worker, redis, queue)


def test_what_is_forged_for_a_row_is_done_only_if_it_is_due(
    start_worker: StartWorker, redis: Redis, administrator: User
) -> None:
    verify_and_keep(SYSTEM)
    worker, events = start_worker(), Event.objects.count()
    for task in (
        "portal.identity.tasks.tell_of_lock",
        "portal.notifications.tasks.mail",
        "portal.evidence.tasks.make_pack",
    ):
        put(redis, "upkeep", forged.message(task, [str(administrator.pk)]))
    put(redis, "upkeep", *(forged.message("portal.evidence.tasks.verify_history") for _ in range(3)))
    for task in ("run_setup", "run_rehearsal", "run_check"):
        put(redis, "setups", forged.message(f"provisioning.tasks.{task}", [str(administrator.pk)]))
    put(redis, "upkeep", forged.message("tollfree.tasks.refresh_inventory", [str(administrator.pk)]))
    works(worker, redis, "setups")
    works(worker, redis, "upkeep")
    said_nothing_forged(worker)
    assert Event.objects.count() == events


def test_a_worker_that_is_started_by_hand_hears_no_commands_either(
    start_worker: StartWorker, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain: Callable[[str], list[str]] = commands.worker
    monkeypatch.setattr(commands, "worker", lambda name: [part for part in plain(name) if "--without" not in part])
    worker = start_worker()
    assert redis.pubsub_channels() == []
    works(worker, redis, "upkeep")
