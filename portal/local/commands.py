"""The commands of the portal's parts, as the demo and the tests run them."""

import sys
from pathlib import Path

from portal.local import ports

_CALM = ("--without-gossip", "--without-mingle", "--without-heartbeat")  # nobody listens to any of it


def web(port: int) -> list[str]:
    """Serve the pages on loopback: two processes of four threads, so that a probe waits behind no slow page."""
    bind = f"{ports.LOOPBACK}:{port}"
    # The portal is imported once, before the processes part. No control socket: it would stand in the home folder, and
    # a second portal there would take it over.
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
    """Run set-ups and upkeep in threads: what they wait for is the network."""
    return [*_celery_worker(name), "--pool", "threads", "-c", "16", "-Q", "setups,upkeep", *_CALM]


def order_worker(name: str = "orders") -> list[str]:
    """Send orders in two processes of their own, with limits that no bug outlives: hard 60 s, soft 50 s."""
    limits = ["--time-limit", "60", "--soft-time-limit", "50"]
    return [*_celery_worker(name), "--pool", "prefork", "-c", "2", "-Q", "orders", *limits, *_CALM]


def _celery_worker(name: str) -> list[str]:
    return [sys.executable, "-m", "celery", "-A", "portal", "worker", "--loglevel", "INFO", "-n", f"{name}@%h"]


def beat(schedule: Path) -> list[str]:
    """Publish what is due; `schedule` is the file in which beat remembers when it last did."""
    celery = [sys.executable, "-m", "celery", "-A", "portal", "beat", "--loglevel", "INFO"]
    return [*celery, "--schedule", str(schedule), "--pidfile", ""]


def sandbox(port: int, ledger: Path) -> list[str]:
    """Stand in for the outside systems; every request is written to `ledger`."""
    return [sys.executable, "-m", "portal.sandbox", "--port", str(port), "--ledger", str(ledger)]
