"""Signs of life: each worker writes one every few seconds, each sweep one when it ends.

They lie in the database and not in the queue, so that they tell what a person needs to know: whether work that is
written down will be done. They go by the database's clock, since each machine's own may be wrong.
"""

import logging
import threading
from datetime import timedelta
from typing import Any

from celery.signals import worker_ready, worker_shutdown
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models.expressions import Combinable
from django.db.models.functions import Now

from portal.operations import clocks, pool_probe
from portal.operations.models import Heartbeat, HeartKind
from portal.operations.pool_probe import PoolProbe

log = logging.getLogger(__name__)

#: So many missed beats make a worker silent.
MISSES = 3
#: So long a worker that died is shown; one that comes back under its name is alive again.
REMEMBERED = timedelta(days=1)
_stopping = threading.Event()


def beat(kind: HeartKind, name: str) -> None:
    """Write down a sign of life at the database's time, and how far this machine's clock is from it."""
    Heartbeat.objects.bulk_create(
        [Heartbeat(name=name, kind=kind, at=Now(), clock_ahead=clocks.seconds_ahead())],
        update_conflicts=True,
        unique_fields=["name"],
        update_fields=["kind", "at", "clock_ahead"],
    )


def alive(kind: HeartKind) -> list[Heartbeat]:
    """Return those that gave a sign of life lately, the latest first."""
    return list(Heartbeat.objects.filter(kind=kind, at__gte=_since(kind)).order_by("-at"))


def silent(kind: HeartKind) -> list[Heartbeat]:
    """Return those that fell silent within the last day: they died, since who stops well takes its name off."""
    lately = Heartbeat.objects.filter(kind=kind, at__gte=Now() - REMEMBERED)
    return list(lately.filter(at__lt=_since(kind)).order_by("-at"))


def _since(kind: HeartKind) -> Combinable:
    return Now() - timedelta(seconds=window(kind))


def window(kind: HeartKind) -> float:
    """Return for how many seconds a sign of life counts."""
    return float(settings.SWEEP_SECONDS if kind is HeartKind.SWEEPER else settings.HEARTBEAT_SECONDS) * MISSES


def connect() -> None:
    """Let every worker process that starts beat until it stops, as long as its pool answers."""
    pool_probe.connect()
    worker_ready.connect(_start)
    worker_shutdown.connect(_stop)


def _start(sender: Any, **_: Any) -> None:
    _stopping.clear()
    kind = HeartKind.ORDERS if set(sender.app.amqp.queues.consume_from) == {"orders"} else HeartKind.WORKER
    task = (kind, str(sender.hostname), sender.controller.pool_probe)
    threading.Thread(target=_beat_on, args=task, name="heartbeat", daemon=True).start()


def _stop(sender: Any, **_: Any) -> None:
    _stopping.set()
    Heartbeat.objects.filter(name=str(sender.hostname)).delete()


def _beat_on(kind: HeartKind, name: str, probe: PoolProbe) -> None:
    while not _stopping.is_set():
        try:
            if probe.answers(window(kind)):
                beat(kind, name)
            else:
                log.error("no heartbeat written: the pool of this worker does not answer; restart it")
        except DatabaseError as error:
            log.warning("no heartbeat written: %s", type(error).__name__)
        except Exception:  # this thread must not end: its worker would be called silent while it works
            log.exception("no heartbeat written")
        connection.close()  # a worker that forks children must not hand them an open one
        _stopping.wait(settings.HEARTBEAT_SECONDS)
