"""“Confirm” in an old tab says how the orders stand, and never that they wait for somebody who has decided."""

import uuid
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from portal.accounts.models import User
from portal.audit.actors import Actor
from portal.tenants.models import Tenant
from tests.tollfree.inventory.pages import words
from tests.tollfree.orders.buying import NUMBER
from tollfree.orders.actions import approve_group, confirm_group, decline_group, draft_orders
from tollfree.orders.models import OrderGroup

ASKED = "A second person is asked to approve it."

pytestmark = pytest.mark.usefixtures("ordering", "wake_ups")


@pytest.fixture
def draft(buyer: Actor, tenant: Tenant) -> OrderGroup:
    """A draft of one number."""
    return draft_orders(buyer, tenant, numbers=[NUMBER], form_token=uuid.uuid4(), reason="Support line")


@pytest.fixture
def confirm(representative: User, draft: OrderGroup, client_of: Callable[[User], Client]) -> Callable[[], str]:
    """Click “Ask for approval” on a page that shows the draft; returns what comes."""
    desk = client_of(representative)
    sent = {"accept_unknown_cost": "on", "ask_approval": "on"}
    return lambda: words(desk.post(reverse("order_confirm", args=[draft.pk]), sent, follow=True))


def test_a_second_click_while_it_waits_says_that_it_waits(confirm: Callable[[], str]) -> None:
    for _ in range(2):
        assert ASKED in confirm()


@pytest.mark.parametrize("decision", ["approved", "declined"])
def test_a_click_after_the_decision_says_how_the_orders_stand(
    decision: str, draft: OrderGroup, confirm: Callable[[], str], second: Actor
) -> None:
    confirm()
    if decision == "approved":
        approve_group(second, draft)
    else:
        decline_group(second, draft, reason="Too dear.")
    answer = confirm()
    assert ASKED not in answer
    state = "queued" if decision == "approved" else "declined"
    assert f"This was confirmed already. The order of +1 844 555 1212 is {state}." in answer


def test_who_asks_for_approval_of_what_a_colleague_ordered_is_told_so(
    draft: OrderGroup, confirm: Callable[[], str], second: Actor
) -> None:
    confirm_group(second, draft, accept_unknown_cost=True)
    assert "This was confirmed already. The order of +1 844 555 1212 is queued." in confirm()
