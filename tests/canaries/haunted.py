"""The portal with mistakes in it, as a worker and as a web server: where a test asks for one, it fails and tells all.

`celery -A tests.canaries.haunted worker` and `gunicorn tests.canaries.haunted`.
"""

from typing import Any

import django

django.setup()

from celery.utils.log import get_task_logger  # noqa: E402 - after the settings

from portal.celery import app as app  # noqa: E402, PLC0414 - the same, and looked up here by Celery
from portal.http_client import send  # noqa: E402 - the same
from portal.wsgi import application as application  # noqa: E402, PLC0414 - the same, by gunicorn
from provisioning.runs import engine  # noqa: E402 - the same
from provisioning.wizard import actions, views  # noqa: E402 - the same

CRASH = "crash"
_honest_send, _honest_save = send.send, actions.save_step


def _send(request: Any, secrets: Any) -> Any:
    if CRASH not in request.url:
        return _honest_send(request, secrets)
    get_task_logger("haunted").warning("about to send %r", secrets)
    print(f"printed: {secrets['apiKey']}")  # noqa: T201 - Celery takes what is printed into its log
    headers = {"x-api-key": secrets["apiKey"]}
    raise ValueError(f"cannot send {headers} and {dict(secrets)}")


def _save(actor: Any, setup: Any, step_key: str, values: Any, version: int) -> Any:
    if CRASH not in values:
        return _honest_save(actor, setup, step_key, values, version)
    typed = {name: values.get(name) for name in values}
    raise ValueError(f"cannot save {typed}")


# The names by which the worker and the page know them.
vars(engine)["send"], vars(views)["save_step"] = _send, _save
