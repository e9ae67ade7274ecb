"""The Celery app. Tasks carry ids only and live in each app's `tasks.py`; all settings stand in `portal.settings`."""

import os
from typing import Any

from celery import Celery, bootsteps
from celery.signals import setup_logging, task_prerun
from django.db import close_old_connections
from kombu.transport import TRANSPORT_ALIASES

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

#: How often a worker looks for free slots. Without prefetch Celery does so once a second only, so that a worker would
#: begin no more tasks in a second than it has slots, however short they are.
LOOK_SECONDS = 0.02

# Whoever can write to Redis can write messages: ours reads them first.
TRANSPORT_ALIASES.update(dict.fromkeys(("redis", "rediss"), "portal.redis_transport:Transport"))

app = Celery("portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
# Celery closes the database connection around every task unless this is set; it costs more than the task.
app.conf["CELERY_DB_REUSE_MAX"] = 1_000_000
app.autodiscover_tasks()


@task_prerun.connect
def _drop_stale_connections(**_: Any) -> None:
    """With connections reused, closing the stale ones is ours to do."""
    close_old_connections()


@setup_logging.connect
def _log_as_the_settings_say(**_: Any) -> None:
    """Keep Celery from adding handlers, which would write secrets beside ours, and from setting another level."""
    # Celery leaves this out too, and what is printed must be masked as well. By name: the processes of a prefork pool
    # read the level from the environment, and know numbers only as numbers.
    app.log.redirect_stdouts("WARNING")  # type: ignore[arg-type]  # the stubs know numbers only


class LookForFreeSlots(bootsteps.StartStopStep):
    """Wakes the worker's loop up, which then fetches messages for the slots that are free.

    A step and no signal: a lost connection ends all timers of the loop, and this is called whenever the loop begins.
    """

    def register_with_event_loop(self, worker: Any, hub: Any) -> None:  # noqa: ARG002 - Celery's signature
        """Start the timer."""
        hub.call_repeatedly(LOOK_SECONDS, lambda: None)


app.steps["worker"].add(LookForFreeSlots)
