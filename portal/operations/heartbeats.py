"""Heartbeats: each worker writes one every few seconds, and the sweeper one after each round.

They are stored in the database and not in the queue, because the question is whether recorded work will be done. They
use the database's clock, since the clocks of the machines may be wrong.
"""

import logging
import threading
from datetime import timedelta
from typing import Any

from celery.signals import worker_ready, worker_shutdown
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import QuerySet
from django.db.models.expressions import Combinable
from django.db.models.functions import Now

from portal.operations import models, pool_probe
from portal.operations.models import Heartbeat, HeartKind
from portal.operations.pool_probe import PoolProbe

log = logging.getLogger(__name__)

#: Missed heartbeats until a worker counts as silent.
MISSES = 3
#: How long a dead worker is listed; if it returns under its name, it is alive again.
REMEMBERED = timedelta(days=1)
_stopping = threading.Event()


def beat(kind: HeartKind, name: str) -> None:
    """Store a heartbeat at the database's time, with this machine's clock skew."""
    Heartbeat.objects.bulk_create(
        [Heartbeat(name=name, kind=kind, at=Now(), clock_ahead=models.seconds_ahead())],
        update_conflicts=True,
        unique_fields=["name"],
        update_fields=["kind", "at", "clock_ahead"],
    )


def alive(kind: HeartKind) -> list[Heartbeat]:
    """Return those with a recent heartbeat, latest first."""
    return list(Heartbeat.objects.filter(kind=kind, at__gte=_since(kind)).order_by("-at"))


def workers() -> QuerySet[Heartbeat]:
    """Return all workers of the last day, including silent ones: a clean shutdown deletes the row."""
    return Heartbeat.objects.filter(kind__in=(HeartKind.WORKER, HeartKind.ORDERS), at__gte=Now() - REMEMBERED)


def _since(kind: HeartKind) -> Combinable:
    return Now() - timedelta(seconds=window(kind))


def window(kind: HeartKind) -> float:
    """Return the seconds for which a heartbeat counts as recent."""
    return float(settings.SWEEP_SECONDS if kind is HeartKind.SWEEPER else settings.HEARTBEAT_SECONDS) * MISSES


def connect() -> None:
    """Make every worker process send heartbeats until it stops, as long as its pool responds."""
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
        except Exception:  # this thread must not end: its worker would count as silent while it works
            log.exception("no heartbeat written")
        connection.close()  # a worker that forks must not pass an open connection to its children
        _stopping.wait(settings.HEARTBEAT_SECONDS)
