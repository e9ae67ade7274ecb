from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from genesys_cloud.access import Access
from genesys_cloud.responses import TollfreeNumber
from portal.audit.actors import Actor
from portal.devtools.sandbox.control import Control
from portal.tenants.models import Tenant
from tests.numbers.tollfree.orders.doubt import unknown
from tests.tollfree.orders import buying
from tests.tollfree.orders.buying import NUMBER, fresh, go_now
from tollfree.orders.attribution import created_at, order_behind
from tollfree.orders.models import NumberOrder
from tollfree.orders.review import decide_not_placed


def listed(access: Access, **facts: Any) -> TollfreeNumber:
    """The number as the list shows it a moment after the order, with the order's marks."""
    more = {"dateCreated": timezone.now().isoformat(), "createdBy": {"id": access.client_id}}
    shown = {"comment": "Hotline", "email": "a@example.com", "more": more} | facts
    return TollfreeNumber(NUMBER, "ACTIVE", "", **shown)


@pytest.fixture
def doubtful(queued: NumberOrder, sandbox: Control) -> NumberOrder:
    return unknown(queued, sandbox)


def test_the_orders_own_marks_explain_the_number(doubtful: NumberOrder, access: Access) -> None:
    assert order_behind(access, listed(access)) == doubtful
    assert order_behind(access, listed(access, email="")) == doubtful
    assert order_behind(access, listed(access, comment="")) == doubtful


@pytest.mark.parametrize(
    "facts",
    [
        {"comment": "bought by hand"},
        {"comment": "", "email": ""},
        {"comment": "Hotline", "email": "somebody@example.com"},
        {"comment": "bought by hand", "email": "a@example.com"},
    ],
)
def test_dates_alone_explain_nothing(doubtful: NumberOrder, access: Access, facts: dict[str, str]) -> None:
    assert order_behind(access, listed(access, **facts)) is None


def test_an_order_without_marks_cannot_be_told_from_a_purchase_by_hand(
    buyer: Actor, tenant: Tenant, ordering: Access, sandbox: Control, wake_ups: list[str]
) -> None:
    unknown(buying.order(buyer, tenant, comment="", email=""), sandbox)
    assert order_behind(ordering, listed(ordering, comment="", email="")) is None
    assert order_behind(ordering, listed(ordering)) is None  # marks that the order did not give


def test_what_another_client_bought_is_not_the_orders(doubtful: NumberOrder, access: Access) -> None:
    more = {"dateCreated": timezone.now().isoformat(), "createdBy": {"id": "another"}}
    assert order_behind(access, listed(access, more=more)) is None
    elsewhere = Access(access.tenant_id, access.login_url, access.api_url, "another")
    assert order_behind(elsewhere, listed(access, more={"dateCreated": more["dateCreated"]})) is None


def test_what_is_older_than_the_order_is_not_the_orders(doubtful: NumberOrder, access: Access) -> None:
    assert doubtful.sent_at is not None
    for minutes, is_ours in ((-3, False), (-1, True)):
        at = (doubtful.sent_at + timedelta(minutes=minutes)).isoformat()
        found = order_behind(access, listed(access, more={"dateCreated": at, "createdBy": {"id": access.client_id}}))
        assert (found == doubtful) is is_ours


def test_the_order_that_holds_the_number_is_asked_first(
    buyer: Actor, tenant: Tenant, doubtful: NumberOrder, access: Access, sandbox: Control
) -> None:
    closed = go_now(go_now(doubtful))
    decide_not_placed(buyer, closed, reason="Genesys says no.")
    newer = go_now(buying.order(buyer, tenant))
    assert order_behind(access, listed(access)) == newer  # placed
    assert order_behind(access, listed(access, comment="Changed since")) == go_now(newer)  # completed


def test_of_two_orders_with_the_same_marks_the_newest_that_fits_explains_it(
    buyer: Actor, tenant: Tenant, doubtful: NumberOrder, access: Access, sandbox: Control
) -> None:
    decide_not_placed(buyer, go_now(go_now(doubtful)), reason="Genesys says no.")
    NumberOrder.objects.filter(pk=doubtful.pk).update(sent_at=timezone.now() - timedelta(hours=1))
    newer = unknown(buying.order(buyer, tenant), sandbox)
    assert order_behind(access, listed(access)) == newer
    between = {"dateCreated": (timezone.now() - timedelta(minutes=30)).isoformat()}
    assert order_behind(access, listed(access, more=between)) == fresh(doubtful)


def test_an_order_of_another_tenant_explains_it_too(doubtful: NumberOrder, access: Access) -> None:
    theirs = Access(uuid4(), access.login_url, access.api_url, access.client_id)
    assert order_behind(theirs, listed(theirs)) == doubtful


def test_dates_that_cannot_be_read_leave_the_look_before_the_post(doubtful: NumberOrder, access: Access) -> None:
    for date in ("", "soon", None, 7):
        seen = listed(access, more={"dateCreated": date})
        assert created_at(seen) is None
        assert order_behind(access, seen) == doubtful
    NumberOrder.objects.filter(pk=doubtful.pk).update(absent_at=None)
    assert order_behind(access, listed(access, more={})) is None


def test_a_date_without_a_zone_is_universal_time(access: Access) -> None:
    assert created_at(listed(access, more={"dateCreated": "2026-01-02T03:04:05"})) == datetime(
        2026, 1, 2, 3, 4, 5, tzinfo=UTC
    )
