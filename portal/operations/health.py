"""The five questions of readiness: database, Redis, a worker, a worker of orders, the sweeper."""

import logging
from collections.abc import Callable

import redis
from django.conf import settings
from django.db import DatabaseError, connection

from portal.operations.heartbeats import alive
from portal.operations.models import HeartKind

log = logging.getLogger(__name__)

#: A page answers within a second, also when Redis takes the connection and stays silent.
REDIS_SECONDS = 0.4


def database() -> bool:
    """Say whether the database answers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return bool(cursor.fetchone() == (1,))


def queue() -> bool:
    """Say whether Redis takes what is written; one that is full, read-only or cannot save answers all the same."""
    client = _redis()
    try:
        return bool(client.set(f"{settings.QUEUE_PREFIX}readiness", "asked", ex=60))
    finally:
        client.close()


def queue_is_cluster() -> bool:
    """Say whether Redis is a Cluster, which hands no messages out of several queues; one that is away is none."""
    client = _redis()
    try:
        return bool(client.info("cluster").get("cluster_enabled"))
    except redis.RedisError:
        return False
    finally:
        client.close()


def worker() -> bool:
    """Say whether a worker gave a sign of life lately."""
    return bool(alive(HeartKind.WORKER))


def orders() -> bool:
    """Say whether a worker of orders gave a sign of life lately."""
    return bool(alive(HeartKind.ORDERS))


def sweeper() -> bool:
    """Say whether the sweeper ended a round lately."""
    return bool(alive(HeartKind.SWEEPER))


QUESTIONS: dict[str, Callable[[], bool]] = {
    "database": database,
    "queue": queue,
    "worker": worker,
    "orders": orders,
    "sweeper": sweeper,
}


def answers() -> dict[str, bool]:
    """Ask all questions; one that cannot be asked counts as no."""
    return {name: _ask(name, question) for name, question in QUESTIONS.items()}


def queue_depths() -> dict[str, int]:
    """Return how many messages lie in each queue; raises RedisError."""
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
