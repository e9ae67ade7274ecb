"""What lies in a queue is read as a wake-up of ours, or not at all."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from portal.celery import app
from portal.core.redis.messages import NotOurs, read
from tests.support import forged

TASK = "provisioning.tasks.run_setup"
ROW = forged.some_id()
BROKEN = forged.broken(TASK)


@pytest.fixture(autouse=True)
def _all_tasks_are_loaded() -> None:
    app.loader.import_default_modules()


def as_read(message: dict[str, Any], queue: str = "setups") -> dict[str, Any]:
    read_out: dict[str, Any] = json.loads(read(app, queue, json.dumps(message).encode()))
    return read_out


@pytest.mark.parametrize("what", BROKEN)
def test_what_is_no_wake_up_of_ours_is_refused_in_one_line_of_plain_letters(what: str) -> None:
    with pytest.raises(NotOurs) as refused:
        read(app, "setups", BROKEN[what])
    assert str(refused.value).isascii()
    assert str(refused.value).isprintable()
    assert len(str(refused.value)) < 200


@pytest.mark.parametrize("what", forged.extended(TASK, [ROW]))
def test_of_what_says_more_only_the_wake_up_is_kept(what: str) -> None:
    message = as_read(forged.extended(TASK, [ROW])[what])
    assert forged.LINE not in json.dumps(message)
    headers = message["headers"]
    assert set(headers) == {"lang", "task", "id", "root_id", "eta", "retries"}
    assert (headers["task"], headers["retries"], headers["eta"]) == (TASK, 0, None)
    args, kwargs, embed = json.loads(base64.b64decode(message["body"]))
    assert (args, kwargs) == ([ROW], {})
    assert set(embed.values()) == {None}
    assert message["properties"]["delivery_info"] == {"exchange": "", "routing_key": "setups"}


def test_each_message_gets_a_tag_of_its_own() -> None:
    message = forged.message(TASK, [ROW])
    assert as_read(message)["properties"]["delivery_tag"] != as_read(message)["properties"]["delivery_tag"]


@pytest.mark.parametrize(
    ("task", "queue"),
    [
        (TASK, "orders"),
        (TASK, "upkeep"),
        ("tollfree.tasks.order_go", "setups"),
        ("portal.notifications.tasks.mail", "orders"),
    ],
)
def test_a_task_in_the_queue_of_others_is_refused(task: str, queue: str) -> None:
    with pytest.raises(NotOurs, match="does not belong there"):
        as_read(forged.message(task, [ROW]), queue)


def test_a_short_wait_is_kept_and_a_past_time_too() -> None:
    for moment in (datetime.now(UTC) + timedelta(seconds=60), datetime.now(UTC) - timedelta(days=1)):
        assert as_read(forged.message(TASK, [ROW], eta=moment.isoformat()))["headers"]["eta"] == moment.isoformat()


def test_a_task_without_a_row_takes_none() -> None:
    assert as_read(forged.message("portal.operations.tasks.sweep"), "upkeep")
    with pytest.raises(NotOurs, match="takes other arguments"):
        as_read(forged.message("portal.operations.tasks.sweep", [ROW]), "upkeep")


def test_every_message_that_the_portal_sends_is_read() -> None:
    for task in sorted(name for name in app.tasks if not name.startswith("celery.")):
        takes_a_row = "sweep" not in task and task != "portal.evidence.tasks.verify_history"
        sent = app.amqp.create_task_message(ROW, task, args=[ROW] * takes_a_row)
        message = {**forged.message(task), "headers": sent.headers, "body": forged.encoded(sent.body)}
        read_out = as_read(message, app.amqp.router.route({}, task)["queue"].name)
        assert read_out["headers"]["id"] == ROW
        assert json.loads(base64.b64decode(read_out["body"]))[0] == [ROW] * takes_a_row
