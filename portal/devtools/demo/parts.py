"""Demo processes: Redis, the sandbox, the web server, two workers and beat, under one supervisor."""

import os
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.shortcuts import resolve_url

from portal.celery import app
from portal.devtools.services import commands, ports
from portal.devtools.services.processes import Supervisor
from portal.devtools.services.redis import EmbeddedRedis

_SERVER_ERROR = 500


@dataclass(frozen=True)
class Addresses:
    """The URLs of the portal and the sandbox."""

    url: str
    sandbox: str


def start(supervisor: Supervisor, var: Path, *, web_port: int, sandbox_port: int) -> Addresses:
    """Start all processes and wait until they answer. Raises NoRedis and ChildFailed."""
    redis = EmbeddedRedis(var / "redis")
    supervisor.start("redis", redis.command())
    supervisor.wait_until(redis.ready, "Redis")
    # This process read its settings before Redis had started, so set the broker here; the children read it themselves.
    app.conf["CELERY_BROKER_URL"] = redis.url
    env = os.environ | {
        "REDIS_URL": redis.url,
        "OUTBOUND_LOOPBACK_ONLY": "true",
        "VAR_DIR": str(var),
        "PORTAL_URL": f"http://{ports.LOOPBACK}:{web_port}",
    }
    # Poll orders every two seconds instead of every half minute, so that nobody has to wait.
    env.setdefault("ORDER_POLL_SECONDS", "2")
    supervisor.start("sandbox", commands.sandbox(sandbox_port, var / "sandbox.jsonl"), env)
    supervisor.start("web", commands.web(web_port), env)
    supervisor.start("worker", commands.worker(), env)
    supervisor.start("orders", commands.order_worker(), env)
    supervisor.start("beat", commands.beat(), env)
    supervisor.wait_until(lambda: ports.accepts(sandbox_port), "the sandbox")
    supervisor.wait_until(lambda: _serves(web_port), "the web server")
    return Addresses(f"http://{ports.LOOPBACK}:{web_port}", f"http://{ports.LOOPBACK}:{sandbox_port}")


def _serves(port: int) -> bool:
    status = ports.http_status(port, resolve_url(settings.LOGIN_URL))
    return status is not None and status < _SERVER_ERROR
