"""Celery: broker, queues, routes and periodic tasks."""

from celery.schedules import crontab

from portal.settings.redis import QUEUE_PREFIX, REDIS_TLS, address
from portal.settings.times import CHECKPOINT_SECONDS, SWEEP_SECONDS

QUEUES = ("setups", "upkeep", "orders")

CELERY_BROKER_URL = address.broker_url
CELERY_BROKER_USE_SSL = REDIS_TLS or None  # without it Celery would check no certificate
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # after a hundred, less than an hour, a worker would give up and end
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_connect_timeout": 2,
    "socket_timeout": 5,
    "health_check_interval": 25,
    # A worker keeps what it has received in memory, and gives back at its end what it has not begun. Copies in Redis
    # would come back an hour after a worker was killed; the sweepers are there within seconds, and the copies cost more
    # than all else that Celery does.
    "ack_emulation": False,
    "max_connections": 200,  # kombu's 10 starve a worker with more slots than that
    "global_keyprefix": QUEUE_PREFIX,
    "priority_steps": [0],  # one key for each queue
}
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_STORE_ERRORS_EVEN_IF_IGNORED = False
CELERY_TASK_ACKS_LATE = False
CELERY_TASK_REJECT_ON_WORKER_LOST = False
CELERY_TASK_PUBLISH_RETRY_POLICY = {
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0.1,
    "interval_max": 0.2,
}
CELERY_TASK_DEFAULT_QUEUE = "upkeep"
CELERY_TASK_ROUTES = {
    "provisioning.tasks.run_*": {"queue": "setups"},
    "tollfree.tasks.order_*": {"queue": "orders"},
}
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_DISABLE_PREFETCH = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_BEAT_SCHEDULE = {
    "sweep": {"task": "portal.operations.tasks.sweep", "schedule": SWEEP_SECONDS},
    "checkpoint": {"task": "portal.evidence.tasks.checkpoint", "schedule": CHECKPOINT_SECONDS},
    "verify-history": {"task": "portal.evidence.tasks.verify_history", "schedule": crontab(minute="20")},
}
# In memory: with a file beat could not start on a full disk. What it asks for knows itself when it is due.
CELERY_BEAT_SCHEDULER = "celery.beat:Scheduler"
