"""Children that die at named points: `python -m tests.faults.nursery` with a JSON list of jobs on stdin.

Starting a worker costs more than a second of imports. This process pays them once and forks a child for each job,
which takes `CRASH_AT` from its job as it would from its environment, and then is a worker, or answers a browser.
Prints a JSON object: how each child ended. Jobs marked `alone` run one after the other, the others all at once before.
"""

import importlib
import json
import os
import signal
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import TypedDict

import django

django.setup()

import celery.apps.worker  # noqa: E402 - what a worker would import after the fork
import celery.concurrency.thread  # noqa: E402, F401 - the same
from django.test import Client  # noqa: E402 - Django's models need it set up
from django.urls import reverse  # noqa: E402 - the same
from django.utils import timezone  # noqa: E402 - the same

from portal.accounts.models import User  # noqa: E402 - the same
from portal.celery import app  # noqa: E402 - the same
from portal.core.tasks import failpoints, publish  # noqa: E402 - the same
from portal.devtools.services import commands, ports  # noqa: E402 - the same
from provisioning.models import Setup  # noqa: E402 - the same
from provisioning.runs.claims import RUN_TASK  # noqa: E402 - the same
from tests.support import environment  # noqa: E402 - the same

SECONDS = 60


class Job(TypedDict):
    """One child. `task` makes it a worker that gets this message; else it posts `data` to the view `url_name`."""

    name: str
    crash_at: str
    setup: str
    alone: bool
    task: str
    url_name: str
    arguments: list[str]
    data: dict[str, str]
    user: str


def _live(job: Job) -> None:
    os.environ["CRASH_AT"] = job["crash_at"]
    importlib.reload(failpoints)  # into the same namespace, so all who imported `failpoint` see the new point
    app.conf.broker_transport_options["global_keyprefix"] = f"{job['name']}-"  # a queue of its own
    if job["task"]:
        _work(job)
    else:
        _press(job)


def _work(job: Job) -> None:
    if job["task"] == RUN_TASK:
        app.send_task(RUN_TASK, args=[job["setup"]])
    else:
        Setup.objects.filter(pk=job["setup"]).update(published_at=timezone.now() - timedelta(hours=1))
        app.send_task(job["task"])
    command = commands.worker(job["name"])
    app.worker_main([*command[command.index("worker") :], "--concurrency", "2"])


def _press(job: Job) -> None:
    client = Client(SERVER_NAME=ports.LOOPBACK)
    client.force_login(User.objects.get(pk=job["user"]))
    client.post(reverse(job["url_name"], args=job["arguments"]), job["data"])
    while publish._relay.waiting.unfinished_tasks:  # noqa: SLF001 - the thread that talks to the queue dies in its own time
        time.sleep(0.01)


def _fork(job: Job) -> int:
    child = os.fork()
    if child:
        return child
    try:
        log = Path(environment.root()) / "log" / f"{job['name']}.log"
        descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(descriptor, 1)
        os.dup2(descriptor, 2)
        _live(job)
    finally:
        sys.stdout.flush()
        os._exit(0)  # it came past its point


def _ends(jobs: list[Job]) -> dict[str, str]:
    """Fork them all, and wait for each."""
    running = {_fork(job): job["name"] for job in jobs}
    ends: dict[str, str] = {}
    deadline = time.monotonic() + SECONDS
    while running and time.monotonic() < deadline:
        child, status = os.waitpid(-1, os.WNOHANG)
        if child:
            killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
            ends[running.pop(child)] = "died" if killed else f"ended with {os.waitstatus_to_exitcode(status)}"
        else:
            time.sleep(0.01)
    for child, name in running.items():
        os.kill(child, signal.SIGKILL)
        ends[name] = "never came to its point"
    return ends


def main() -> None:
    """Run all jobs."""
    jobs: list[Job] = json.load(sys.stdin)
    ends = _ends([job for job in jobs if not job["alone"]])
    for job in jobs:
        if job["alone"]:
            ends |= _ends([job])
    json.dump(ends, sys.stdout)


if __name__ == "__main__":
    main()
