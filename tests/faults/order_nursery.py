"""Children that die at named points of an order: `python -m tests.faults.order_nursery`, a JSON list of jobs on stdin.

This process imports everything once and forks a child for each job, which takes `CRASH_AT` from its job as it would
from its environment, and does what a worker, the sweeper or a click would. Prints a JSON object: how each child ended.
"""

import importlib
import json
import os
import signal
import sys
from typing import TypedDict
from uuid import UUID

import django

django.setup()

from portal.accounts.models import User  # noqa: E402 - the same
from portal.accounts.permission import person  # noqa: E402 - the same
from portal.core.tasks import failpoints  # noqa: E402 - Django's models need it set up
from tests.support.sweeping import sweep_orders  # noqa: E402 - the same
from tollfree.orders.actions import confirm_group  # noqa: E402 - the same
from tollfree.orders.models import NumberOrder  # noqa: E402 - the same
from tollfree.orders.worker import dispatch  # noqa: E402 - the same


class Job(TypedDict):
    """One child: `way` is go, release, sweep or confirm; `row` the order's or release's id."""

    name: str
    crash_at: str
    way: str
    row: str
    user: str


def _live(job: Job) -> None:
    os.environ["CRASH_AT"] = job["crash_at"]
    importlib.reload(failpoints)  # into the same namespace, so all who imported `failpoint` see the new point
    row = UUID(job["row"])
    if job["way"] == "go":
        dispatch.go(row)
    elif job["way"] == "release":
        dispatch.go_release(row)
    elif job["way"] == "sweep":
        sweep_orders()
    else:
        group = NumberOrder.objects.get(pk=row).group
        confirm_group(person(User.objects.get(pk=job["user"])), group, accept_unknown_cost=True)


def _end(job: Job) -> str:
    child = os.fork()
    if child == 0:
        try:
            _live(job)
        finally:
            os._exit(0)  # it came past its point
    _, status = os.waitpid(child, 0)
    killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
    return "died" if killed else f"ended with {os.waitstatus_to_exitcode(status)}"


def main() -> None:
    """Run all jobs, one after the other."""
    jobs: list[Job] = json.load(sys.stdin)
    json.dump({job["name"]: _end(job) for job in jobs}, sys.stdout)


if __name__ == "__main__":
    main()
