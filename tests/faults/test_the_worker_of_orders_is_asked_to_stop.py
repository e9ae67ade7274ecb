"""SIGTERM in the middle of orders: what is on its way is ended, no other is begun, and no outcome becomes unknown."""

import os
import signal

import pytest
from django.test import override_settings

from genesys_cloud.access import Access
from portal.audit.actors import Actor
from portal.devtools.sandbox.control import Control
from portal.tenants.models import Tenant
from tests.faults import purchases
from tests.faults.conftest import again
from tests.support.children import wait_for
from tests.support.services import StartWorker
from tollfree.orders.models import Evidence, EvidenceKind, NumberOrder, OrderPolicy
from tollfree.orders.states import OrderState

pytestmark = pytest.mark.faults

CALM = purchases.WINDOWS | {"OUTBOUND_READ_SECONDS": "5", "OUTBOUND_TOTAL_SECONDS": "8", "ORDER_LEASE_SECONDS": "60"}


@pytest.mark.parametrize("round_", again(20))
def test_it_ends_what_it_sends_and_leaves_the_rest(
    *,
    round_: int,
    start_order_worker: StartWorker,
    buyer: Actor,
    tenant: Tenant,
    ordering: Access,
    sandbox: Control,
) -> None:
    OrderPolicy.objects.create(tenant=tenant, approve_from=1_000)
    sandbox.settings(latency_ms=200)
    try:
        with override_settings(**purchases.settings()):
            worker = start_order_worker(**CALM)
            orders = purchases.order(buyer, tenant, 8)
            sending = NumberOrder.objects.filter(state=OrderState.SENDING)
            wait_for(sending.exists, "an order to be on its way")
            os.kill(worker.pid, signal.SIGTERM)  # its head alone, as systemd does with KillMode=mixed
            assert worker.exit_code(20) == 0
            assert not sending.exists()
            assert set(NumberOrder.objects.values_list("state", flat=True)) <= {"queued", "placed", "completed"}
            worker.start()
            purchases.wait_until_at_rest(60)
    finally:
        sandbox.settings(latency_ms=0)
    assert purchases.problems(orders, sandbox) == []
    assert not Evidence.objects.filter(kind__in=[EvidenceKind.SILENCE, EvidenceKind.LATE_ANSWER]).exists()
    assert {order.state for order in orders} == {"completed"}
