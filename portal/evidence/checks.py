"""Where the checkpoint key is demanded: by workers of the queue `upkeep`, which sign, and by the check of a deployment.

Web, the worker of orders and beat start without it, so that whoever breaks into them cannot sign a history.
"""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error

from portal.audit.checkpoints import keys

_QUEUE = "upkeep"


def checkpoint_key_can_sign(**_: Any) -> list[CheckMessage]:
    """Say why the checkpoint key cannot be used, where one is named (portal.evidence.E001)."""
    problem = keys.problem() if settings.CHECKPOINT_KEY_FILE else ""
    return [Error(problem, id="portal.evidence.E001")] if problem else []


def demand_checkpoint_key(options: dict[str, Any], **_: Any) -> None:
    """Refuse to start a worker of `upkeep` in production without the key; Celery sends `options` as its signal."""
    queues = options.get("queues") or [_QUEUE]
    if settings.PRODUCTION and _QUEUE in queues and (problem := keys.problem()):
        raise SystemExit(f"portal: {problem}")
