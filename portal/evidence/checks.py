"""Checks of the checkpoint key: when a worker of the queue `upkeep` starts, and in the deployment check.

Only these workers sign. Web processes, order workers and beat start without the key, so that an attacker who takes over
one of these cannot sign a forged history.
"""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error

from portal.audit.checkpoints import keys

_QUEUE = "upkeep"


def checkpoint_key_can_sign(**_: Any) -> list[CheckMessage]:
    """Return an error if CHECKPOINT_KEY_FILE is set and the key cannot be used (portal.evidence.E001)."""
    problem = keys.problem() if settings.CHECKPOINT_KEY_FILE else ""
    return [Error(problem, id="portal.evidence.E001")] if problem else []


def demand_checkpoint_key(options: dict[str, Any], **_: Any) -> None:
    """Exit in production if a worker of `upkeep` starts without a usable key (receiver of `celeryd_init`)."""
    queues = options.get("queues") or [_QUEUE]
    if settings.PRODUCTION and _QUEUE in queues and (problem := keys.problem()):
        raise SystemExit(f"portal: {problem}")
