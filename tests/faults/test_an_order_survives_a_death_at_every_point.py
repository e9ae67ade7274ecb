"""`kill -9` at every point that the orders' code names: nothing is bought twice, and nothing bought is lost."""

import json
import subprocess
import sys
import time
from dataclasses import dataclass
from uuid import UUID, uuid4

import pytest
from django.test import override_settings
from django.utils import timezone

from genesys_cloud.access import Access
from genesys_cloud.tokens import Token
from portal.accounts.models import User
from portal.audit.actors import Actor
from portal.devtools.sandbox.control import Control
from portal.tenants.models import Tenant
from senders.models import SenderId
from tests.faults import purchases
from tests.faults.conftest import again
from tests.support.children import wait_for
from tests.support.files import PROJECT
from tests.support.sweeping import sweep_orders
from tollfree.orders.actions import confirm_group, draft_orders
from tollfree.orders.models import NumberOrder, OrderPolicy, Release
from tollfree.orders.releases.actions import ask_release
from tollfree.orders.states import RELEASE_LIVE, ReleaseState
from tollfree.orders.worker import dispatch, send

pytestmark = pytest.mark.faults

#: What the process that dies is doing: each point, and the way that leads over it.
WAYS = {
    "order.begun": "send",
    "order.looked": "send",
    "order.intent.uncommitted": "send",
    "order.intent.committed": "send",
    "order.send.before": "send",
    "answer.unread:2": "send",  # the answer of the list comes first
    "order.answered": "send",
    "order.outcome.uncommitted": "send",
    "order.outcome.committed": "send",
    "order.settle.begun": "settle",
    "order.settle.looked": "settle",
    "order.settle.uncommitted": "settle",
    "order.settle.committed": "settle",
    "order.poll.asked": "poll",
    "order.poll.uncommitted": "poll",
    "order.poll.committed": "poll",
    "order.takeover.uncommitted": "silent",
    "sweep.uncommitted": "sweep",
    "order.confirm.uncommitted": "confirm",
    "release.intent.committed": "release",
    "release.answered": "release",
    "release.outcome.uncommitted": "release",
    "release.looked": "release_lost",
}


@dataclass
class Death:
    """One process that is to die at a point, and the order in its hand."""

    point: str
    way: str
    order: NumberOrder
    release: Release | None = None

    @property
    def name(self) -> str:
        return f"{self.way}-{self.point}"

    def job(self, user: User) -> dict[str, str]:
        """What the nursery is told."""
        deeds = {"sweep": "sweep", "silent": "sweep", "confirm": "confirm"}
        deed = deeds.get(self.way, "release" if self.release else "go")
        row = self.release.pk if self.release else self.order.pk
        return {"name": self.name, "crash_at": self.point, "way": deed, "row": str(row), "user": str(user.pk)}


def due_now(order_id: UUID) -> None:
    """Let the time of what waits have come."""
    NumberOrder.objects.filter(pk=order_id, due_at__isnull=False).update(due_at=timezone.now())


def go(order: NumberOrder) -> None:
    """Do here what is due."""
    due_now(order.pk)
    dispatch.go(order.pk)


@pytest.fixture
def deaths(buyer: Actor, tenant: Tenant, ordering: Access, sandbox: Control) -> list[Death]:
    """An order for each death, as far as it is when the process that will die comes to it."""
    OrderPolicy.objects.create(tenant=tenant, approve_from=1_000)  # one person orders them all within a moment
    with override_settings(**purchases.settings()):
        return [
            prepare(point, way, f"1844{number}", buyer, tenant, sandbox)
            for number, (point, way) in enumerate(WAYS.items(), start=2_000_000)
        ]


def prepare(  # noqa: PLR0917 - all that an order needs
    point: str, way: str, number: str, buyer: Actor, tenant: Tenant, sandbox: Control
) -> Death:
    """Bring a new order to where the way begins."""
    group = draft_orders(buyer, tenant, numbers=[number], form_token=uuid4(), reason="Test")
    order = group.orders.get()
    if way != "confirm":
        confirm_group(buyer, group, accept_unknown_cost=True)
    if way == "settle":
        sandbox.fault("reply_lost", match=purchases.POST)
    for _ in range({"settle": 1, "poll": 1, "release": 2, "release_lost": 2}.get(way, 0)):
        go(order)
    if way == "silent":
        taken = NumberOrder.objects.select_related("group", "tenant").get(pk=order.pk)
        send._write_intent(taken, Token("t", 1, uuid4(), timezone.now()))  # noqa: SLF001 - it dies after this line
        NumberOrder.objects.filter(pk=order.pk).update(lease_until=timezone.now())
    due_now(order.pk)
    return Death(point, way, order, release_of(buyer, tenant, number, way, sandbox) if "release" in way else None)


def release_of(buyer: Actor, tenant: Tenant, number: str, way: str, sandbox: Control) -> Release:
    """A release whose time has come, or whose outcome nobody knows."""
    SenderId.objects.filter(tenant=tenant, number=number).delete()  # its draft, which an administrator removes first
    release = ask_release(buyer, tenant, number, typed=number, reason="Over")
    Release.objects.update(due_at=timezone.now())
    if way == "release_lost":
        sandbox.fault("reply_lost", match={"method": "DELETE", "path_contains": number})
        dispatch.go_release(release.pk)
        Release.objects.filter(pk=release.pk).update(due_at=timezone.now())
    return release


def die(deaths: list[Death], user: User) -> dict[str, str]:
    """Let all of them die; how each ended, by name."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.order_nursery"],
        input=json.dumps([death.job(user) for death in deaths]),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        cwd=PROJECT,
    )
    ends: dict[str, str] = json.loads(done.stdout)
    return ends


def finish() -> None:
    """Do what beat and the workers would do, until nothing moves any more."""

    def at_rest() -> bool:
        time.sleep(purchases.SWEEP_SECONDS)
        sweep_orders()
        now = timezone.now()
        for order_id in NumberOrder.objects.filter(due_at__lte=now).values_list("pk", flat=True):
            dispatch.go(order_id)
        for release_id in Release.objects.filter(due_at__lte=now).values_list("pk", flat=True):
            dispatch.go_release(release_id)
        return purchases.moving() == 0 and not Release.objects.filter(state__in=RELEASE_LIVE).exists()

    wait_for(at_rest, "everything to end")


@pytest.mark.parametrize("round_", again(20))
def test_nothing_is_bought_twice_and_nothing_is_lost(
    *,
    round_: int,
    deaths: list[Death],
    buyer: Actor,
    representative: User,
    sandbox: Control,
    subtests: pytest.Subtests,
) -> None:
    ends = die(deaths, representative)
    with override_settings(**purchases.settings()):
        for death in deaths:
            if death.way == "confirm":  # the page did not answer: press again
                confirm_group(buyer, death.order.group, accept_unknown_cost=True)
        finish()
    for death in deaths:
        with subtests.test(death=death.name):
            assert ends[death.name] == "died"
    assert purchases.problems([death.order for death in deaths], sandbox) == []
    gone = [line["path"] for line in sandbox.ledger() if line["method"] == "DELETE"]
    assert len(gone) == len(set(gone))
    assert {release.state for release in Release.objects.all()} <= {ReleaseState.RELEASED, ReleaseState.REFUSED}
