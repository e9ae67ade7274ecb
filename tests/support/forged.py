"""Messages as somebody could write them who can write to Redis and nothing else."""

import base64
import json
import pickle
import zlib
from typing import Any
from uuid import UUID, uuid4

#: Would begin a line of its own in a log, in red, if it were written there as it is.
LINE = "FORGED"
HOSTILE = f"x\n{LINE} a line\r\n\x1b[31m{LINE}\u2028{LINE}"


def message(task: Any, args: Any = (), **changes: Any) -> dict[str, Any]:
    """A message as Celery writes it; `changes` are headers, or with `body`, `properties` … other parts."""
    identity = str(uuid4())
    parts: dict[str, Any] = {
        "body": encoded([list(args), {}, {"callbacks": None, "errbacks": None, "chain": None, "chord": None}]),
        "content-encoding": "utf-8",
        "content-type": "application/json",
        "headers": {"lang": "py", "task": task, "id": identity, "root_id": identity, "retries": 0},
        "properties": {
            "correlation_id": identity,
            "body_encoding": "base64",
            "delivery_info": {"exchange": "", "routing_key": "x"},
            "delivery_mode": 2,
            "delivery_tag": str(uuid4()),
            "priority": 0,
        },
    }
    for name, value in changes.items():
        place = parts if name in parts or "-" in name else parts["headers"]
        place[name] = value
    return parts


def encoded(body: Any) -> str:
    """A body as it lies in a message."""
    return base64.b64encode(json.dumps(body).encode()).decode()


def broken(task: str) -> dict[str, bytes]:
    """Messages of which a worker must do nothing at all; `task` is one that its queue carries and that takes an id."""
    row = str(uuid4())
    embed = {"callbacks": None, "errbacks": None, "chain": None, "chord": None}
    shell = "cos\nsystem\n(S'touch FORGED'\ntR."
    first = {"task": task, "id": row, "args": [row], "kwargs": {}, "retries": 0}
    as_objects: dict[str, Any] = {
        "null": None,
        "a list": [1, 2],
        "a number": 7,
        "an empty object": {},
        "no headers": {key: value for key, value in message(task, [row]).items() if key != "headers"},
        "headers that are none": message(task, [row], headers=None),
        "headers that are a list": message(task, [row], headers=[1]),
        "no properties": {key: value for key, value in message(task, [row]).items() if key != "properties"},
        "properties that are a text": message(task, [row], properties="x"),
        "no body": {key: value for key, value in message(task, [row]).items() if key != "body"},
        "a body that is a number": message(task, [row], body=5),
        "a body that is no base64": message(task, [row], body="%%%"),
        "a body that is not JSON": message(task, [row], body=base64.b64encode(b"\xff{").decode()),
        "a body that is an object": message(task, body=encoded({"args": [row]})),
        "a body that is a text": message(task, body=encoded("x")),
        "a short body": message(task, body=encoded([[row]])[:-3]),
        "no arguments": message(task, []),
        "too many arguments": message(task, [row, row]),
        "an argument that is a number": message(task, [1]),
        "an argument that is an object": message(task, [{"__type__": "uuid", "__value__": row}]),
        "an argument that is no id": message(task, [HOSTILE]),
        "a huge argument": message(task, ["x" * 3_000_000]),
        "named arguments": message(task, body=encoded([[], {"setup_id": row}, embed])),
        "an unknown task": message("os.system", [row]),
        "an unknown task with a line break": message(HOSTILE, [row]),
        "a task that is an object": message({"a": 1}, [row]),
        "a task that is a list": message([task], [row]),
        "a task of another queue": message("nobody.knows.this.queue", [row]),
        "one of Celery's own tasks": message("celery.map", [task, [[row]]]),
        "another of Celery's own": message("celery.backend_cleanup"),
        "an id with line breaks": message(task, [row], id=HOSTILE),
        "an id that is a number": message(task, [row], id=5),
        "an id that is an object": message(task, [row], id={"a": []}),
        "no id": message(task, [row], id=None),
        "a time that is none": message(task, [row], eta=HOSTILE),
        "a time that is a list": message(task, [row], eta=[1]),
        "a time far away": message(task, [row], eta="9999-12-31T23:59:59+00:00"),
        "a time before all times": message(task, [row], eta="0001-01-01T00:00:00+14:00"),
        "protocol 1": {**message(task), "headers": {}, "body": encoded(first)},
        "a pickle": message(
            task, [row], **{"content-type": "application/x-python-serialize"},
            body=base64.b64encode(pickle.dumps([[row], {}, {}])).decode(),
        ),
        "a pickle that runs": message(
            task, **{"content-type": "application/x-python-serialize", "content-encoding": "binary"},
            body=base64.b64encode(shell.encode()).decode(),
        ),
        "a zip bomb": message(
            task, [row], compression="application/x-gzip",
            body=base64.b64encode(zlib.compress(b"[" * 50_000_000)).decode(),
        ),
        "a command": {"method": "shutdown", "arguments": {}, "destination": None},
        "a command as a message": message(
            "shutdown", body=encoded({"method": "pool_shrink", "arguments": {"n": 16}, "destination": None})
        ),
    }  # fmt: skip
    return {
        "nothing": b"",
        "not JSON": b"\x80\x04K\x01.",
        "not UTF-8": b'{"body": "\xff\xfe"}',
        "a pickle alone": pickle.dumps({"a": 1}),
        "a line break": HOSTILE.encode(),
        "brackets": b"[" * 15_000,
        "many megabytes": b'{"body": "' + b"x" * 30_000_000 + b'"}',
        "a number that is too long": b'{"headers": ' + b"9" * 15_000 + b"}",
    } | {name: json.dumps(value).encode() for name, value in as_objects.items()}


def extended(task: str, args: list[str]) -> dict[str, dict[str, Any]]:
    """Messages whose wake-up is right, with more in them that Celery would obey."""
    other = {"task": "portal.identity.tasks.tell_of_lock", "args": args, "kwargs": {}, "options": {}, "immutable": True}
    return {
        "callbacks": message(
            task,
            body=encoded([args, {}, {"callbacks": [other], "errbacks": [other], "chain": [other], "chord": other}]),
        ),
        "limits that kill": message(task, args, timelimit=[0.0001, 0.0001]),
        "another name": message(task, args, shadow=HOSTILE),
        "words for the log": message(task, args, argsrepr=HOSTILE, kwargsrepr=HOSTILE, origin=HOSTILE),
        "an end that is none": message(task, args, expires=HOSTILE),
        "retries that are none": message(task, args, retries=HOSTILE),
        "somebody who waits": message(task, args, reply_to="celery", correlation_id=HOSTILE),
        "a group": message(task, args, group=HOSTILE, root_id=HOSTILE, parent_id=HOSTILE),
        "stamps": message(task, args, stamped_headers=["x"], stamps={"x": HOSTILE}),
        "another channel": message(
            task, args, properties={"body_encoding": "base64", "delivery_tag": [1], "delivery_info": None}
        ),
    }


def some_id() -> str:
    """The id of no row."""
    return str(UUID(int=7))
