import uuid
from collections.abc import Callable

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from genesys_cloud.access import Access
from portal.accounts.models import User
from portal.audit.actors import Actor
from portal.devtools.sandbox.control import Control
from portal.tenants.models import Tenant
from tests.tollfree.orders import buying
from tests.tollfree.orders.buying import NUMBER, OTHER, go_now
from tollfree.orders.actions import cancel_drafts, cancel_order, confirm_group, draft_orders
from tollfree.orders.models import OrderGroup


@pytest.fixture
def drafts(buyer: Actor, tenant: Tenant, ordering: Access, wake_ups: list[str]) -> OrderGroup:
    """Two drafts."""
    return draft_orders(buyer, tenant, numbers=[NUMBER, OTHER], form_token=uuid.uuid4(), reason="Support line")


def said(client: Client, group: OrderGroup) -> str:
    """What the page says after “Cancel the drafts”."""
    return client.post(reverse("order_group_cancel", args=[group.pk]), follow=True).content.decode()


def test_cancelling_in_an_old_tab_says_how_the_orders_stand(
    *, buyer: Actor, representative: User, drafts: OrderGroup, sandbox: Control, client_of: Callable[[User], Client]
) -> None:
    confirm_group(buyer, drafts, accept_unknown_cost=True)
    go_now(drafts.orders.get(number=NUMBER))
    answer = said(client_of(representative), drafts)
    assert "Nothing was ordered" not in answer
    assert "Nothing was cancelled: these are no drafts any more." in answer
    assert "The order of +1 844 555 1212 is placed." in answer
    assert "The order of +1 833 555 0100 is queued." in answer
    assert set(sandbox.bought()) == {NUMBER}


def test_drafts_that_are_cancelled_together_were_not_ordered(
    representative: User, drafts: OrderGroup, client_of: Callable[[User], Client]
) -> None:
    client = client_of(representative)
    for _ in range(2):  # also in a second tab
        answer = said(client, drafts)
        assert "The drafts are cancelled. Nothing was ordered." in answer


def test_a_draft_that_was_cancelled_alone_hides_nothing_of_the_other(
    buyer: Actor, drafts: OrderGroup, wake_ups: list[str]
) -> None:
    cancel_order(buyer, drafts.orders.get(number=OTHER))
    confirm_group(buyer, drafts, accept_unknown_cost=True)
    with pytest.raises(ValidationError, match=r"\+1 844 555 1212 is queued"):
        cancel_drafts(buyer, drafts)


def test_a_cancelled_order_is_not_called_cancelled_once_it_was_sent(
    buyer: Actor, tenant: Tenant, ordering: Access, sandbox: Control, wake_ups: list[str]
) -> None:
    order = go_now(buying.order(buyer, tenant))
    with pytest.raises(ValidationError, match="placed already"):
        cancel_order(buyer, order)
