"""The Celery app. Tasks carry ids only and live in each app's `tasks.py`; the settings are in `portal.settings`."""

import os
from typing import Any

from celery import Celery, bootsteps
from celery.signals import setup_logging, task_prerun
from django.db import close_old_connections
from kombu.transport import TRANSPORT_ALIASES

from portal.settings import startup

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

#: How often a worker checks for free slots. Without prefetch Celery checks only once a second, so a worker would start
#: no more tasks in a second than it has slots, however short they are.
LOOK_SECONDS = 0.02

# Anybody who can write to Redis can forge messages. Our transport checks each one before Celery sees it.
TRANSPORT_ALIASES.update(dict.fromkeys(("redis", "rediss"), "portal.core.redis.transport:Transport"))


class PortalCelery(Celery):
    """A Celery app whose workers and beat check the settings before they start.

    These two are classes in Celery, which its command line only calls.
    """

    def Worker(self, *args: Any, **options: Any) -> Any:  # type: ignore[override]  # noqa: N802 - Celery's name
        """Return a worker, or exit with one line for each reason."""
        startup.prepare()
        return super().Worker(*args, **options)

    def Beat(self, *args: Any, **options: Any) -> Any:  # type: ignore[override]  # noqa: N802 - Celery's name
        """Return beat, or exit with one line for each reason."""
        startup.prepare()
        return super().Beat(*args, **options)


app = PortalCelery("portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
# Celery closes the database connection around every task unless this is set; closing costs more than the task.
app.conf["CELERY_DB_REUSE_MAX"] = 1_000_000
app.autodiscover_tasks()


@task_prerun.connect
def _drop_stale_connections(**_: Any) -> None:
    """Close stale connections; Celery leaves this to us when it reuses connections."""
    close_old_connections()


@setup_logging.connect
def _log_as_the_settings_say(**_: Any) -> None:
    """Stop Celery from adding log handlers, which would write secrets unredacted, and from changing the log level."""
    # Celery skips this step once `setup_logging` has a receiver, but printed text must be redacted too. The level is a
    # name because the child processes of a prefork pool read it from the environment and accept numbers only as
    # integers.
    app.log.redirect_stdouts("WARNING")  # type: ignore[arg-type]  # the stubs know numbers only


class LookForFreeSlots(bootsteps.StartStopStep):
    """Wakes the worker's event loop regularly, so that it fetches messages for free slots.

    This is a bootstep and not a signal receiver: a lost connection cancels all timers of the loop, and Celery calls
    this whenever the loop starts.
    """

    def register_with_event_loop(self, worker: Any, hub: Any) -> None:  # noqa: ARG002 - Celery's signature
        """Start the timer."""
        hub.call_repeatedly(LOOK_SECONDS, lambda: None)


app.steps["worker"].add(LookForFreeSlots)
