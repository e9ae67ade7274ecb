"""Validation of queue messages: each is either a wake-up of this portal or is dropped.

Anybody who can write to Redis can put anything into a queue, so a message is never passed on as it is. Only the task,
the row's id and the earliest time are read from it, and a new message is built from these. Everything else that Celery
would obey (callbacks, chords, time limits, other serializers, its own tasks) is ignored. A message that cannot be read
this way is dropped; the reason never repeats unescaped text of the message.
"""

import base64
import binascii
import inspect
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from celery import Celery

#: Our own messages are shorter than a kilobyte.
MOST_BYTES = 16 * 1024
#: Wake-ups are delayed by a minute at most; the rest allows for clock differences.
MOST_AHEAD = timedelta(minutes=5)
#: Characters of a task name that a reason repeats.
_SHOWN = 80


class NotOurs(ValueError):
    """The message is not one of this portal's; the text is the reason."""


def read(app: Celery, queue: str, raw: bytes) -> bytes:
    """Return a new message with the same meaning, in kombu's format; raises NotOurs."""
    if len(raw) > MOST_BYTES:
        raise NotOurs(f"it is too large ({len(raw)} bytes)")
    message = _object(_json(raw), "it")
    headers = _object(message.get("headers"), "its headers")
    name = _task(app, queue, headers.get("task"))
    arguments = _arguments(app, name, _body(message))
    return _message(queue, name, _uuid(headers.get("id"), "its id"), arguments, _not_before(headers.get("eta")))


def _json(text: bytes) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise NotOurs("it is not JSON") from None


def _object(value: Any, what: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise NotOurs(f"{what} is no object")
    return value


def _task(app: Celery, queue: str, name: Any) -> str:
    """Return the name if it is one of our tasks and is routed to this queue; Celery's own tasks are refused."""
    if not isinstance(name, str) or name not in app.tasks or name.startswith("celery."):
        raise NotOurs(f"there is no task {ascii(name)[:_SHOWN]}")
    if app.amqp.router.route({}, name)["queue"].name != queue:
        raise NotOurs(f"{name} does not belong there")
    return name


def _body(message: dict[str, Any]) -> Any:
    properties = _object(message.get("properties"), "its properties")
    body = message.get("body")
    if not isinstance(body, str):
        raise NotOurs("it has no body")
    if properties.get("body_encoding") != "base64" or message.get("content-type") != "application/json":
        raise NotOurs("its body is not in base64 and JSON")
    try:
        return _json(base64.b64decode(body, validate=True))
    except (binascii.Error, ValueError):
        raise NotOurs("its body is not in base64 and JSON") from None


def _arguments(app: Celery, name: str, body: Any) -> list[str]:
    """Return the task's arguments: row ids, one or none."""
    if not isinstance(body, list) or not body or not isinstance(body[0], list):
        raise NotOurs("it has no arguments")
    if len(body) > 1 and body[1]:
        raise NotOurs("it has named arguments")
    arguments = [_uuid(value, "an argument") for value in body[0]]
    try:
        inspect.signature(app.tasks[name].run).bind(*arguments)
    except TypeError:
        raise NotOurs(f"{name} takes other arguments") from None
    return arguments


def _uuid(value: Any, what: str) -> str:
    try:
        return str(UUID(value))
    except (ValueError, AttributeError, TypeError):
        raise NotOurs(f"{what} is no id") from None


def _not_before(value: Any) -> str | None:
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value)
        if moment.astimezone(UTC) <= datetime.now(UTC) + MOST_AHEAD:
            return moment.isoformat()
    except (ValueError, TypeError, OverflowError):
        raise NotOurs("its time is no time") from None
    raise NotOurs("its time is too far ahead")


def _message(queue: str, name: str, message_id: str, arguments: list[str], eta: str | None) -> bytes:
    body = json.dumps([arguments, {}, {"callbacks": None, "errbacks": None, "chain": None, "chord": None}])
    message = {
        "body": base64.b64encode(body.encode()).decode(),
        "content-encoding": "utf-8",
        "content-type": "application/json",
        "headers": {"lang": "py", "task": name, "id": message_id, "root_id": message_id, "eta": eta, "retries": 0},
        "properties": {
            "correlation_id": message_id,
            "body_encoding": "base64",
            "delivery_info": {"exchange": "", "routing_key": queue},
            "delivery_mode": 2,
            "delivery_tag": str(uuid4()),
            "priority": 0,
        },
    }
    return json.dumps(message).encode()
