"""Commands that start the portal's processes, for the demo and the tests."""

import sys
from pathlib import Path

from portal.devtools.services import ports

_CALM = ("--without-gossip", "--without-mingle", "--without-heartbeat")  # nothing here reads these events


def web(port: int) -> list[str]:
    """Serve the pages on loopback, in two processes of four threads, so that a probe does not wait for a slow page."""
    bind = f"{ports.LOOPBACK}:{port}"
    # The portal is imported once, before the fork. No control socket: it would be in the home folder, where a second
    # portal would take it over.
    gunicorn = [sys.executable, "-m", "gunicorn", "portal.wsgi", "--bind", bind, "--preload", "--no-control-socket"]
    return [
        *gunicorn,
        "--worker-class",
        "gthread",
        "--workers",
        "2",
        "--threads",
        "4",
        "--graceful-timeout",
        "5",
    ]


def worker(name: str = "worker") -> list[str]:
    """Run set-ups and upkeep in threads, because they mostly wait for the network."""
    return [*_celery_worker(name), "--pool", "threads", "-c", "16", "-Q", "setups,upkeep", *_CALM]


def order_worker(name: str = "orders") -> list[str]:
    """Send orders in two separate processes, with time limits (hard 60 s, soft 50 s) that end a stuck task."""
    limits = ["--time-limit", "60", "--soft-time-limit", "50"]
    return [*_celery_worker(name), "--pool", "prefork", "-c", "2", "-Q", "orders", *limits, *_CALM]


def _celery_worker(name: str) -> list[str]:
    return [sys.executable, "-m", "celery", "-A", "portal", "worker", "--loglevel", "INFO", "-n", f"{name}@%h"]


def beat() -> list[str]:
    """Publish periodic tasks."""
    return [sys.executable, "-m", "celery", "-A", "portal", "beat", "--loglevel", "INFO", "--pidfile", ""]


def sandbox(port: int, ledger: Path) -> list[str]:
    """Run the sandbox; it writes every request to `ledger`."""
    return [sys.executable, "-m", "portal.devtools.sandbox", "--port", str(port), "--ledger", str(ledger)]
