import base64
import json
from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from redis import Redis

from portal.core.tasks import publish
from portal.core.tasks.publish import LONGEST_COUNTDOWN, send_task_on_commit
from tests.support.children import wait_for

TASK = "provisioning.tasks.run_setup"
QUEUE = "setups"

pytestmark = pytest.mark.usefixtures("transactional_db")


@pytest.fixture(autouse=True)
def _nothing_waits(redis: Redis) -> Iterator[None]:
    yield
    publish._relay.flush()  # noqa: SLF001 - what a test sends must not reach the next one


def published(redis: Redis) -> list[str]:
    """The row ids in the queue, in the order of their sending; sends a mark and waits until it has come."""
    mark = uuid4()
    send_task_on_commit(TASK, mark)
    wait_for(lambda: str(mark) in ids(redis), "the mark")
    return [row_id for row_id in ids(redis) if row_id != str(mark)]


def ids(redis: Redis) -> list[str]:
    messages = [json.loads(message) for message in reversed(redis.lrange(QUEUE, 0, -1))]
    return [json.loads(base64.b64decode(message["body"]))[0][0] for message in messages]


def test_outside_a_transaction_it_leaves_at_once(redis: Redis) -> None:
    send_task_on_commit(TASK, UUID(int=1))
    assert published(redis) == [str(UUID(int=1))]


def test_nothing_leaves_before_the_commit(redis: Redis) -> None:
    with transaction.atomic():
        send_task_on_commit(TASK, UUID(int=1))
        assert publish._relay.waiting.unfinished_tasks == 0  # noqa: SLF001 - nothing may even be on its way
        assert ids(redis) == []
    assert published(redis) == [str(UUID(int=1))]


def test_nothing_leaves_after_a_rollback(redis: Redis) -> None:
    with transaction.atomic():
        send_task_on_commit(TASK, UUID(int=1))
        transaction.set_rollback(True)
    assert published(redis) == []


def test_a_rolled_back_part_of_a_transaction_takes_its_wake_up_along(redis: Redis) -> None:
    with transaction.atomic():
        send_task_on_commit(TASK, UUID(int=1))
        with transaction.atomic():
            send_task_on_commit(TASK, UUID(int=2))
            transaction.set_rollback(True)
    assert published(redis) == [str(UUID(int=1))]


def test_wake_ups_leave_in_their_order(redis: Redis) -> None:
    with transaction.atomic():
        for number in range(20):
            send_task_on_commit(TASK, UUID(int=number))
    assert published(redis) == [str(UUID(int=number)) for number in range(20)]


def test_a_message_holds_the_id_of_a_row_and_nothing_else(redis: Redis) -> None:
    send_task_on_commit(TASK, UUID(int=7))
    published(redis)
    message = json.loads(redis.lrange(QUEUE, -1, -1)[0])
    args, kwargs, _ = json.loads(base64.b64decode(message["body"]))
    assert (args, kwargs) == ([str(UUID(int=7))], {})
    assert message["headers"]["task"] == TASK


def test_a_long_wait_is_left_to_the_sweeper(redis: Redis) -> None:
    send_task_on_commit(TASK, UUID(int=1), countdown=LONGEST_COUNTDOWN)
    send_task_on_commit(TASK, UUID(int=2), countdown=LONGEST_COUNTDOWN + 1)
    assert published(redis) == [str(UUID(int=1))]
