import logging
from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from genesys_cloud.access import Access
from genesys_cloud.tokens import forget_token
from portal.audit.actors import Actor, command_line
from portal.devtools.sandbox.control import Control
from portal.tenants.models import Tenant
from portal.vault.actions import store_credential
from portal.vault.kinds import Kind
from tests.numbers.tollfree.orders.doubt import POST, under_review
from tests.tollfree.orders import buying
from tests.tollfree.orders.buying import NUMBER, OTHER, fresh, go_now, verbs
from tollfree.orders.models import NumberOrder
from tollfree.orders.review import decide_not_placed, decide_placed, look_again
from tollfree.orders.worker import dispatch, poll

ORDER = {"method": "GET", "path_contains": "/orders/"}


def wait_of(order: NumberOrder) -> float:
    assert order.due_at is not None
    return (order.due_at - timezone.now()).total_seconds()


@pytest.fixture
def placed(queued: NumberOrder, sandbox: Control, settings: Settings) -> NumberOrder:
    """An order that Genesys Cloud took and calls PENDING for ever."""
    settings.ORDER_POLL_SECONDS = 30.0
    sandbox.genesys_cloud.settings(order_words=["PENDING"])
    seen = go_now(queued)
    assert (seen.state, seen.provider_word) == ("placed", "PENDING")
    return seen


@pytest.mark.databases
def test_an_order_that_stays_pending_is_asked_ever_less_often(
    tenant: Tenant, placed: NumberOrder, caplog: pytest.LogCaptureFixture
) -> None:
    waits = []
    for looks in range(1, 6):
        seen = go_now(placed)
        assert (seen.state, seen.looks) == ("placed", looks)
        waits.append(wait_of(seen))
    assert waits == sorted(waits)
    assert waits[4] > 8 * waits[0]
    assert "order.heard" not in verbs(tenant)  # nothing new was heard
    assert not [each for each in caplog.records if each.levelno >= logging.ERROR]


@pytest.mark.databases
def test_a_young_order_that_genesys_cloud_does_not_know_yet_is_asked_again(
    tenant: Tenant, placed: NumberOrder, sandbox: Control
) -> None:
    sandbox.genesys_cloud.forget_order(placed.provider_order_id)
    sandbox.genesys_cloud.lose_number(NUMBER)
    for looks in (1, 2, 3):
        seen = go_now(placed)
        assert (seen.state, seen.looks, seen.provider_word) == ("placed", looks, "PENDING")
    assert "order.heard" not in verbs(tenant)


def test_a_new_word_is_told_once(tenant: Tenant, placed: NumberOrder, sandbox: Control) -> None:
    sandbox.genesys_cloud.set_order(placed.provider_order_id, "X" * 100)
    for _ in range(3):
        seen = go_now(placed)
    assert seen.provider_word == "X" * 60
    assert verbs(tenant).count("order.heard") == 1
    assert seen.evidence.filter(kind="status").count() == 1


def test_look_now_does_not_make_the_next_one_rarer(buyer: Actor, placed: NumberOrder) -> None:
    seen = go_now(placed)
    for _ in range(4):
        look_again(buyer, seen)
        dispatch.go(seen.pk)
    again = fresh(seen)
    assert (again.looks, again.due_at) == (seen.looks, seen.due_at)


def test_what_pends_for_ever_is_put_before_a_person(buyer: Actor, placed: NumberOrder) -> None:
    for _ in range(poll.MOST_POLLS):
        seen = go_now(placed)
    assert (seen.state, seen.due_at) == ("under_review", None)
    assert "The portal asked 20 times" in seen.sentence
    again = go_now(decide_placed(buyer, seen, reason="They say that it takes long."))
    assert (again.state, again.looks) == ("placed", 1)


def test_a_listed_number_with_an_unknown_word_is_ours_when_a_person_says_so(
    buyer: Actor, queued: NumberOrder, sandbox: Control
) -> None:
    sandbox.genesys_cloud.settings(order_words=["PROVISIONED"])
    sandbox.fault("reply_lost", match=POST)
    seen = go_now(go_now(queued))
    assert (seen.state, seen.provider_order_id) == ("placed", "")
    for _ in range(poll.MOST_POLLS):
        seen = go_now(seen)
    assert seen.state == "under_review"
    assert go_now(decide_placed(buyer, seen, reason="I saw it there.")).state == "completed"


def test_a_wrong_placed_comes_back_to_a_person(buyer: Actor, queued: NumberOrder, sandbox: Control) -> None:
    wrong = decide_placed(buyer, under_review(queued, sandbox), reason="I believe so.")
    NumberOrder.objects.filter(pk=wrong.pk).update(placed_at=timezone.now() - timedelta(days=30))
    for _ in range(poll.MOST_POLLS):
        wrong = go_now(wrong)
    assert wrong.state == "under_review"
    assert decide_not_placed(buyer, wrong, reason="It is not there.").state == "not_placed"


def test_what_a_person_decided_to_be_placed_is_asked_soon(
    buyer: Actor, queued: NumberOrder, sandbox: Control, settings: Settings
) -> None:
    settings.ORDER_POLL_SECONDS = 30.0
    seen = under_review(queued, sandbox)
    for _ in range(4):
        seen = go_now(seen)
    seen = go_now(decide_placed(buyer, seen, reason="Genesys says yes."))
    assert wait_of(seen) < 31


def test_polls_that_fail_are_counted_explained_and_end_at_a_person(
    tenant: Tenant, placed: NumberOrder, access: Access
) -> None:
    store_credential(command_line(), tenant.pk, Kind.CLIENT_SECRET, "wrong-secret", binding=access.binding)
    forget_token(access)
    seen = go_now(placed)
    assert (seen.state, seen.failed_looks) == ("placed", 1)
    assert "not this client secret" in seen.sentence
    for _ in range(poll.MOST_POLLS):
        seen = go_now(seen)
    assert seen.state == "under_review"
    assert "not this client secret" in seen.sentence


@pytest.mark.parametrize(
    "fault", ["html_200", "json_null", "text_ok", "empty_object", "accepted_202", "no_content", "json_array"]
)
def test_a_status_that_says_nothing_ends_nothing(queued: NumberOrder, sandbox: Control, fault: str) -> None:
    placed = go_now(queued)
    sandbox.fault(fault, match=ORDER)
    seen = go_now(placed)
    assert (seen.state, seen.failed_looks) == ("placed", 1)
    assert go_now(seen).state == "completed"


def test_a_status_of_another_order_ends_nothing(
    buyer: Actor, tenant: Tenant, queued: NumberOrder, sandbox: Control
) -> None:
    placed, other = go_now(queued), go_now(buying.order(buyer, tenant, OTHER))
    NumberOrder.objects.filter(pk=placed.pk).update(provider_order_id=other.provider_order_id)
    seen = go_now(placed)
    assert (seen.state, seen.failed_looks) == ("placed", 1)
    assert "another order" in seen.sentence
