from datetime import timedelta

import pytest
from django.utils import timezone

from portal.audit.actors import Actor
from portal.devtools.sandbox.control import Control
from tests.numbers.tollfree.orders.doubt import under_review, unknown
from tests.tollfree.orders.buying import NUMBER, fresh, go_now
from tollfree.orders.models import NumberOrder
from tollfree.orders.review import look_again
from tollfree.orders.worker import dispatch


@pytest.fixture
def lost(queued: NumberOrder, sandbox: Control) -> NumberOrder:
    return unknown(queued, sandbox)


def look(buyer: Actor, order: NumberOrder) -> NumberOrder:
    """Press “Look now”, and do the worker's part."""
    look_again(buyer, order)
    dispatch.go(order.pk)
    return fresh(order)


def test_look_now_neither_shortens_the_window_nor_counts(buyer: Actor, lost: NumberOrder) -> None:
    for _ in range(5):
        seen = look(buyer, lost)
        assert (seen.state, seen.looks, seen.due_at) == ("unknown", 0, lost.due_at)
    assert lost.evidence.filter(kind="not_listed").count() == 5
    assert go_now(lost).looks == 1  # the look that was due by itself counts


def test_look_now_finds_what_is_there(buyer: Actor, lost: NumberOrder, sandbox: Control) -> None:
    sandbox.genesys_cloud.put_number(NUMBER, comment="Hotline")
    assert look(buyer, lost).state == "placed"


def test_look_now_that_fails_counts_neither(buyer: Actor, lost: NumberOrder, sandbox: Control) -> None:
    sandbox.fault("unavailable", match={"method": "GET"})
    seen = look(buyer, lost)
    assert (seen.state, seen.failed_looks, seen.due_at) == ("unknown", 0, lost.due_at)


def test_two_clicks_and_a_click_while_a_worker_looks_are_one_look(buyer: Actor, lost: NumberOrder) -> None:
    look_again(buyer, lost)
    asked = fresh(look_again(buyer, fresh(lost)))
    assert asked.resume_at == lost.due_at
    assert (taken := dispatch.claim_order(asked.pk)) is not None
    during = fresh(look_again(buyer, fresh(lost)))
    assert (during.resume_at, during.fence) == (lost.due_at, taken.fence)


def test_a_click_while_the_due_look_is_made_does_not_put_it_off(buyer: Actor, lost: NumberOrder) -> None:
    NumberOrder.objects.filter(pk=lost.pk).update(due_at=timezone.now())
    assert (taken := dispatch.claim_order(lost.pk)) is not None
    clicked = fresh(look_again(buyer, fresh(lost)))
    assert (clicked.look_asked_at, clicked.resume_at, clicked.due_at) == (None, None, taken.due_at)


def test_an_asked_look_of_a_dead_worker_becomes_the_due_one_when_the_window_is_over(
    buyer: Actor, lost: NumberOrder
) -> None:
    look_again(buyer, lost)
    NumberOrder.objects.filter(pk=lost.pk).update(resume_at=timezone.now() - timedelta(seconds=1))
    seen = go_now(lost)
    assert (seen.looks, seen.look_asked_at, seen.resume_at) == (1, None, None)


def test_under_review_it_starts_no_new_looks(buyer: Actor, queued: NumberOrder, sandbox: Control) -> None:
    review = under_review(queued, sandbox)
    NumberOrder.objects.filter(pk=review.pk).update(due_at=None)
    seen = look(buyer, review)
    assert (seen.state, seen.looks, seen.due_at) == ("under_review", review.looks, None)


def test_a_wrong_secret_is_called_so(lost: NumberOrder, sandbox: Control) -> None:
    sandbox.fault("unauthorized", match={"path_contains": "oauth"})
    sandbox.genesys_cloud.expire_tokens()
    seen = go_now(lost)
    assert seen.failed_looks == 1
    failed = seen.evidence.get(kind="look_failed")
    assert "different regions" not in failed.sentence
