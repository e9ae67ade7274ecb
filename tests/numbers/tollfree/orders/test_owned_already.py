"""After a restore from a backup, an order of a number that was bought before is good news and buys nothing."""

from collections.abc import Callable
from typing import Literal

import pytest
from django.test import Client

from portal.accounts.models import User
from portal.audit.actors import Actor
from portal.devtools.sandbox.control import Control
from portal.tenants.models import Tenant
from tests.tollfree.orders import buying
from tests.tollfree.orders.buying import NUMBER, fresh, go_now, posts, verbs
from tollfree.orders.models import NumberOrder
from tollfree.orders.review import decide_not_placed, decide_placed
from tollfree.orders.states import OrderState
from tollfree.orders.worker import send

#: What a worker writes into an order.
_SENT = ("state", "sent_at", "sends", "absent_at", "lease_until", "fence", "call_id", "placed_at", "due_at", "sentence")


def restore(order: NumberOrder) -> None:
    """Put the order back to where a backup knows it: it was never sent."""
    NumberOrder.objects.filter(pk=order.pk).update(**{name: getattr(order, name) for name in _SENT})


def test_an_order_that_was_sent_before_the_restore_is_put_before_a_person(  # noqa: PLR0917 - the parts
    queued: NumberOrder, buyer: Actor, sandbox: Control, tenant: Tenant, client_of: Callable[[User], Client],
    representative: User,
) -> None:  # fmt: skip
    backup = fresh(queued)
    assert go_now(queued).state == "placed"
    restore(backup)
    seen = go_now(fresh(queued))
    assert seen.state == "under_review"
    assert seen.sentence.startswith("This number is yours already: Genesys Cloud lists it as this order asked for it")
    assert "restored from a backup" in seen.sentence
    assert seen.evidence.filter(kind="listed").exists()
    assert verbs(tenant)[-1] == "order.under_review"
    page = client_of(representative).get(f"/orders/{seen.pk}/").text
    assert "This number is yours already" in page
    decide_placed(buyer, seen, reason="Genesys says that it is ours")
    assert go_now(fresh(seen)).state == "completed"
    assert (posts(sandbox), sandbox.bought()) == (1, {NUMBER: 1})


def test_a_number_that_no_order_explains_is_good_news_too(queued: NumberOrder, sandbox: Control) -> None:
    sandbox.genesys_cloud.put_number(NUMBER, comment="Bought by hand")
    seen = go_now(queued)
    assert seen.state == "refused"
    assert seen.sentence.startswith(
        "This number is yours already: Genesys Cloud lists it, and no order here explains it."
    )
    assert posts(sandbox) == 0


def test_a_number_of_an_earlier_order_names_its_day_and_leads_there(  # noqa: PLR0917 - the parts
    queued: NumberOrder,
    buyer: Actor,
    sandbox: Control,
    tenant: Tenant,
    client_of: Callable[[User], Client],
    representative: User,
) -> None:
    sandbox.fault("reply_lost", match={"method": "POST", "path_contains": "tollfreenumbers"})
    first = go_now(queued)
    NumberOrder.objects.filter(pk=first.pk).update(state=OrderState.UNDER_REVIEW, due_at=None)
    decide_not_placed(buyer, fresh(first), reason="Genesys knows nothing of it")
    again = go_now(buying.order(buyer, tenant))
    assert again.state == "refused"
    assert first.sent_at is not None
    assert again.sentence == (
        f"This number is yours already: it came with the order of {first.sent_at:%-d %B %Y}. Nothing was ordered again."
    )
    page = client_of(representative).get(f"/orders/{again.pk}/").text
    assert f'<a href="/orders/{first.pk}/">The order that the number came with</a>' in page
    assert "Mend what is named above" not in page
    assert (posts(sandbox), sandbox.bought()) == (1, {NUMBER: 1})


@pytest.mark.parametrize("status", [400, 409])
def test_a_refusal_because_the_number_is_gone_looks_whether_it_is_ours(
    queued: NumberOrder, sandbox: Control, status: Literal[400, 409], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody buys it by hand between the look and the order: the list shows it at the second look."""
    sandbox.genesys_cloud.settings(gone_status=status)
    still_ours = send._still_ours  # noqa: SLF001 - it is asked right before the request leaves

    def buy_by_hand(order: NumberOrder) -> bool:
        sandbox.genesys_cloud.put_number(NUMBER, comment="Bought by hand")
        return still_ours(order)

    monkeypatch.setattr(send, "_still_ours", buy_by_hand)
    seen = go_now(queued)
    assert (seen.state, posts(sandbox)) == ("refused", 1)
    assert seen.sentence.startswith("This number is yours already: ")
    assert "somebody else has it" not in seen.sentence


def test_a_number_that_somebody_else_bought_is_gone(queued: NumberOrder, sandbox: Control) -> None:
    sandbox.genesys_cloud.take(NUMBER)
    seen = go_now(queued)
    assert seen.state == "refused"
    assert "somebody else has it" in seen.sentence
