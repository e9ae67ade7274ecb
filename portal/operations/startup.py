"""Startup check of workers and beat: Redis must not be a Cluster."""

from typing import Any

from celery.signals import beat_init, worker_init

from portal.operations import health
from portal.settings.startup import refuse


def connect() -> None:
    """Run the check in every worker and in beat."""
    worker_init.connect(_refuse_cluster)
    beat_init.connect(_refuse_cluster)


def _refuse_cluster(**_: Any) -> None:
    """Exit with one line if Redis is a Cluster; if it cannot be reached, Celery waits for it as usual."""
    if health.queue_is_cluster():
        refuse(["REDIS_URL names a Cluster; it needs one Redis that is none."])
