"""Readiness checks: database, Redis, a worker, an order worker, the sweeper; and the check of Redis at the start."""

import logging
from collections.abc import Callable
from typing import Any

import redis
from celery.signals import beat_init, worker_init
from django.conf import settings
from django.db import DatabaseError, connection

from portal.operations.heartbeats import alive
from portal.operations.models import HeartKind
from portal.settings.startup import refuse

log = logging.getLogger(__name__)

#: Timeout of Redis: a page must respond within a second even if Redis accepts a connection and then hangs.
REDIS_SECONDS = 0.4
_IS_READ_ONLY = {"postgresql": "SELECT current_setting('transaction_read_only')"}


def database() -> bool:
    """Return whether the database responds and accepts writes, which the standby of a PostgreSQL does not."""
    with connection.cursor() as cursor:
        cursor.execute(_IS_READ_ONLY.get(connection.vendor, "SELECT 'off'"))
        (answer,) = cursor.fetchone()
    if answer != "off":
        log.warning("not ready: database (it is read-only)")
    return bool(answer == "off")


def queue() -> bool:
    """Return whether Redis accepts writes; one that is full, read-only or cannot save still answers pings."""
    client = _redis()
    try:
        return bool(client.set(f"{settings.QUEUE_PREFIX}readiness", "asked", ex=60))
    finally:
        client.close()


def queue_is_cluster() -> bool:
    """Return whether Redis is a Cluster, which cannot serve several queues; False if it cannot be reached."""
    client = _redis()
    try:
        return bool(client.info("cluster").get("cluster_enabled"))
    except redis.RedisError:
        return False
    finally:
        client.close()


def connect() -> None:
    """Check in every worker and in beat, when it starts, that Redis is no Cluster."""
    worker_init.connect(_refuse_cluster)
    beat_init.connect(_refuse_cluster)


def _refuse_cluster(**_: Any) -> None:
    """Exit with one line if Redis is a Cluster; if it cannot be reached, Celery waits for it as usual."""
    if queue_is_cluster():
        refuse(["REDIS_URL names a Cluster; it needs one Redis that is none."])


def worker() -> bool:
    """Return whether a worker has a recent heartbeat."""
    return bool(alive(HeartKind.WORKER))


def orders() -> bool:
    """Return whether an order worker has a recent heartbeat."""
    return bool(alive(HeartKind.ORDERS))


def sweeper() -> bool:
    """Return whether the sweeper completed a round recently."""
    return bool(alive(HeartKind.SWEEPER))


QUESTIONS: dict[str, Callable[[], bool]] = {
    "database": database,
    "queue": queue,
    "worker": worker,
    "orders": orders,
    "sweeper": sweeper,
}


def answers() -> dict[str, bool]:
    """Run all checks; a check that raises an exception counts as failed."""
    return {name: _ask(name, question) for name, question in QUESTIONS.items()}


def queue_depths() -> dict[str, int]:
    """Return the number of messages in each queue; raises RedisError."""
    client = _redis()
    try:
        return {name: client.llen(f"{settings.QUEUE_PREFIX}{name}") for name in settings.QUEUES}
    finally:
        client.close()


def _ask(name: str, question: Callable[[], bool]) -> bool:
    try:
        return question()
    except (DatabaseError, redis.RedisError) as error:
        said = f": {str(error)[:200]!a}" if isinstance(error, redis.ResponseError) else ""
        log.warning("not ready: %s (%s%s)", name, type(error).__name__, said)
    except Exception:
        log.exception("not ready: %s could not be asked", name)
    return False


def _redis() -> redis.Redis:
    return redis.Redis.from_url(
        settings.REDIS_URL,
        socket_connect_timeout=REDIS_SECONDS,
        socket_timeout=REDIS_SECONDS,
        retry=None,
        **settings.REDIS_TLS,
    )
