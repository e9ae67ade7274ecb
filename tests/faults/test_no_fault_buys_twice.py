"""Real workers of orders, real Redis, an unkind Genesys Cloud, and `kill -9` without end: no number is bought twice."""

import os
import random
import signal
import threading
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest
from django.test import override_settings

from genesys_cloud.access import Access
from portal.audit.actors import Actor
from portal.celery import app
from portal.devtools.sandbox.control import Control
from portal.tenants.models import Tenant
from tests.faults import purchases
from tests.support.children import NotReady, Restartable
from tests.support.services import StartWorker
from tests.support.sweeping import sweep_orders
from tollfree.orders.models import Evidence, EvidenceKind, NumberOrder, OrderPolicy
from tollfree.orders.transitions import GO_TASK

pytestmark = pytest.mark.faults

#: Every so many kills it is a whole worker, not just one of its processes.
WHOLE_WORKER = 40
#: Every so many kills, a process is not killed but paused beyond its lease.
PAUSE = 15
LEASES = float(purchases.WINDOWS["ORDER_LEASE_SECONDS"]) * 1.5


def children(worker: Restartable) -> list[int]:
    """The processes of a worker's pool."""
    listed = Path(f"/proc/{worker.pid}/task/{worker.pid}/children")
    try:
        return [int(pid) for pid in listed.read_text().split()]
    except OSError:
        return []


class Reaper:
    """Kills processes of workers, whole workers now and then, and pauses some."""

    def __init__(self, workers: list[Restartable], dice: random.Random) -> None:
        self.workers, self.dice = workers, dice
        self.strikes = self.kills = 0
        self.asleep: list[threading.Timer] = []

    def strike(self) -> None:
        """Do one of the three."""
        self.keep_up()
        worker = self.dice.choice(self.workers)
        self.strikes += 1
        if self.strikes % WHOLE_WORKER == 0:
            worker.kill()
            worker.launch()
            self.kills += 1
        elif pids := children(worker):
            pid = self.dice.choice(pids)
            if self.strikes % PAUSE == 0:
                self.pause(pid)
            else:
                send(pid, signal.SIGKILL)
                self.kills += 1

    def keep_up(self) -> None:
        """Start workers that ended, as systemd does: Celery gives up if it loses a process while it begins."""
        for worker in self.workers:
            if not worker.alive:
                worker.launch()

    def pause(self, pid: int) -> None:
        """Stop it for longer than its lease. A thread wakes it: it may hold the lock that everybody else waits for."""
        send(pid, signal.SIGSTOP)
        self.asleep.append(threading.Timer(LEASES, send, [pid, signal.SIGCONT]))
        self.asleep[-1].start()

    def wait_until_all_are_awake(self) -> None:
        """Nobody sleeps after this."""
        for timer in self.asleep:
            timer.join()


def send(pid: int, number: signal.Signals) -> None:
    """Send a signal to a process that may be gone."""
    with suppress(ProcessLookupError):
        os.kill(pid, number)


def deliver_again(dice: random.Random) -> None:
    """Send messages that were sent already, and some for orders that have long ended."""
    for order_id in dice.sample(list(NumberOrder.objects.values_list("pk", flat=True)), 5):
        app.send_task(GO_TASK, args=[str(order_id)], retry=False)


def died_over_a_send() -> int:
    """How often a process was killed between its question and the answer."""
    return Evidence.objects.filter(kind=EvidenceKind.SILENCE).count()


@pytest.mark.parametrize(
    ("count", "kills", "seed"), [(200, 100, 1), pytest.param(1000, 2000, 2, marks=pytest.mark.slow_faults)]
)
def test_orders_under_kills(
    *,
    count: int,
    kills: int,
    seed: int,
    start_order_worker: StartWorker,
    buyer: Actor,
    tenant: Tenant,
    ordering: Access,
    sandbox: Control,
) -> None:
    OrderPolicy.objects.create(tenant=tenant, approve_from=count + 1)  # all are ordered by one person in one day
    purchases.be_unkind(sandbox, seed)
    dice = random.Random(seed)  # noqa: S311 - repeatable is the point
    with override_settings(**purchases.settings()):
        workers = [start_order_worker(**purchases.WINDOWS) for _ in range(2)]
        orders = purchases.order(buyer, tenant, count)
        reaper = Reaper(workers, dice)
        # However busy the machine is, somebody has to die over a send.
        while reaper.kills < kills or (purchases.moving() and not died_over_a_send()):
            time.sleep(dice.uniform(0.05, 0.2))
            reaper.strike()
            if reaper.strikes % 2:
                sweep_orders()
                deliver_again(dice)
        reaper.wait_until_all_are_awake()
        try:
            purchases.wait_until_at_rest(60 + count / 5, reaper.keep_up)
        except NotReady as error:
            raise NotReady("\n".join([str(error), *(worker.output()[-3000:] for worker in workers)])) from error
    assert purchases.problems(orders, sandbox) == []
    silent = died_over_a_send()
    ends = Counter(order.state for order in orders)
    print(f"{dict(ends)}, {len(sandbox.bought())} bought, {silent} died over a send, {reaper.kills} kills")  # noqa: T201 - for `make faults`
    assert silent > 0
    assert ends["completed"] > count / 2
