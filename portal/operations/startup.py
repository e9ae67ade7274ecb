"""What a worker and beat look at before they start: whether this Redis can be their queue."""

import sys
from typing import Any

from celery.signals import beat_init, worker_init

from portal.operations import health


def connect() -> None:
    """Let every worker and beat look."""
    worker_init.connect(_refuse_cluster)
    beat_init.connect(_refuse_cluster)


def _refuse_cluster(**_: Any) -> None:
    """End with one line if Redis is a Cluster; one that is away is waited for, as ever."""
    if health.queue_is_cluster():
        sys.exit("The portal does not start: REDIS_URL names a Cluster; it needs one Redis that is none.")
