"""A line tells from what to what, so that nobody has to look for the one before it."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from portal.accounts.models import User
from portal.accounts.permission import person
from portal.audit.actors import Actor, command_line
from portal.audit.models import Event
from portal.sandbox.control import Control
from portal.tenants.models import Tenant
from tests.support.lines import changes_of
from tests.tollfree.orders.buying import go_now
from tollfree.client.answers import ProviderOrder
from tollfree.orders import polling
from tollfree.orders.actions import note_refusal
from tollfree.orders.actions_on_comment import change_comment
from tollfree.orders.models import NumberOrder
from tollfree.orders.policy import set_policy
from tollfree.orders.rates import set_rate

CAP = Decimal("10.00")


def test_the_rules_for_orders(tenant: Tenant, administrator: User) -> None:
    for rules in ((2, CAP), (2, CAP), (3, None)):  # the same again is no change
        set_policy(person(administrator), tenant, approve_from=rules[0], approve_releases=False, monthly_cap=rules[1])
    assert changes_of("order_policy.set") == {"approve from": [2, 3], "monthly cap": ["10.00", None]}
    assert Event.objects.filter(verb="order_policy.set").count() == 2


def test_what_a_number_costs(db: None) -> None:
    for day, monthly, once in ((1, "2.00", "0.50"), (2, "3.00", "1.00")):
        facts: dict[str, Any] = {"valid_from": date(2026, 1, day), "currency": "USD"}
        set_rate(command_line(), monthly=Decimal(monthly), once=Decimal(once), **facts)
    changes = changes_of("rate.set")
    assert changes["once"] == ["0.50", "1.00"]
    assert all("2.00" in before and "3.00" in after for before, after in [changes["rate"]])


def test_what_genesys_cloud_says_of_an_order(
    queued: NumberOrder, buyer: Actor, sandbox: Control, monkeypatch: pytest.MonkeyPatch
) -> None:
    placed = go_now(queued)
    told = changes_of("order.placed")
    assert told["state"] == ["sending", "placed"]
    assert told["provider_order_id"] == [None, placed.provider_order_id]
    assert told["status"][1] in {200, 201, 202}
    for word in ("CARRIER_PENDING", "CARRIER_PENDING", "ALMOST"):
        found = ProviderOrder(placed.provider_order_id, word)
        monkeypatch.setattr(polling, "order_status", lambda *_, found=found, **__: found)
        placed = go_now(placed)
    assert changes_of("order.heard") == {"provider_word": ["CARRIER_PENDING", "ALMOST"]}
    assert Event.objects.filter(verb="order.heard").count() == 2
    change_comment(buyer, placed, comment="Sales")
    assert changes_of("order.comment_changed") == {"comment": ["Hotline", "Sales"]}


def test_a_refusal_that_somebody_noted(queued: NumberOrder, buyer: Actor, sandbox: Control) -> None:
    sandbox.fault("bad_request", match={"method": "POST", "path_contains": "/tollfreenumbers"})
    refused = go_now(queued)
    assert refused.state == "refused"
    assert changes_of("order.refused")["state"] == ["sending", "refused"]
    note_refusal(buyer, refused)
    assert changes_of("order.refusal_noted") == {"noted": [False, True]}
