import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from portal.accounts.models import User
from portal.audit.actors import Actor, command_line
from portal.devtools.sandbox.control import Control
from portal.tenants.models import Tenant
from tests.numbers.tollfree.orders.doubt import POST, answered_after, under_review, unknown
from tests.tollfree.inventory.stories import refreshed
from tests.tollfree.orders import buying
from tests.tollfree.orders.buying import NUMBER, fresh, go_now, verbs
from tollfree.inventory import actions as inventory
from tollfree.inventory.models import OwnedNumber
from tollfree.inventory.orphans import orphans_of
from tollfree.orders.actions import cancel_order, draft_orders
from tollfree.orders.models import EvidenceKind, NumberOrder
from tollfree.orders.review import decide_not_placed, decide_placed, look_again, undo_decision
from tollfree.orders.transitions import add_evidence
from tollfree.orders.worker import dispatch

pytestmark = pytest.mark.databases


@pytest.fixture
def closed(buyer: Actor, queued: NumberOrder, sandbox: Control) -> NumberOrder:
    """An order of which a person said that nothing was bought."""
    return decide_not_placed(buyer, under_review(queued, sandbox), reason="Genesys says no.")


def test_a_closed_order_whose_number_is_listed_goes_back_to_review_once(
    buyer: Actor, representative: User, tenant: Tenant, closed: NumberOrder, sandbox: Control
) -> None:
    sandbox.genesys_cloud.put_number(NUMBER, comment="Hotline")
    refreshed(representative, tenant)
    reopened = fresh(closed)
    assert reopened.state == "under_review"
    assert "It had been closed as not placed" in reopened.sentence
    evidence = reopened.evidence.get(kind="listed")
    assert (evidence.says_bought, evidence.facts["comment"]) == (True, "Hotline")
    decide_not_placed(buyer, reopened, reason="It is another team's.")
    refreshed(representative, tenant)
    assert go_now(closed).state == "not_placed"
    assert verbs(tenant).count("order.under_review") == 2
    assert fresh(closed).evidence.filter(kind="listed").count() == 1


def test_what_was_bought_by_hand_is_put_before_a_person_and_never_placed_by_itself(
    buyer: Actor, representative: User, tenant: Tenant, closed: NumberOrder, sandbox: Control
) -> None:
    sandbox.genesys_cloud.put_number(NUMBER, comment="bought by hand")
    refreshed(representative, tenant)
    reopened = fresh(closed)
    assert (reopened.state, reopened.evidence.get(kind="listed").says_bought) == ("under_review", None)
    assert OwnedNumber.objects.get(number=NUMBER).order is None
    assert "waits for its outcome" in orphans_of(tenant)[0].sentence
    decide_not_placed(buyer, reopened, reason="A colleague bought it.")
    assert "closed as not placed" in orphans_of(tenant)[0].sentence


def test_the_last_look_after_the_decision_does_the_same(closed: NumberOrder, sandbox: Control) -> None:
    sandbox.genesys_cloud.put_number(NUMBER, comment="Hotline")
    assert go_now(closed).state == "under_review"


def test_a_person_can_then_say_that_it_was_placed_after_all(
    buyer: Actor, representative: User, tenant: Tenant, closed: NumberOrder, sandbox: Control
) -> None:
    sandbox.genesys_cloud.put_number(NUMBER, comment="Hotline")
    refreshed(representative, tenant)
    decide_placed(buyer, fresh(closed), reason="It is ours.")
    assert go_now(closed).state == "completed"


def test_what_a_person_knew_when_they_decided_is_no_news(
    buyer: Actor, representative: User, tenant: Tenant, queued: NumberOrder, sandbox: Control
) -> None:
    lost = unknown(queued, sandbox)
    sandbox.genesys_cloud.put_number(NUMBER, comment="bought by hand")
    seen = go_now(lost)
    assert seen.state == "under_review"
    decide_not_placed(buyer, seen, reason="A colleague bought it.")
    refreshed(representative, tenant)
    assert go_now(seen).state == "not_placed"


def test_an_explained_number_reopens_nothing(
    buyer: Actor, representative: User, tenant: Tenant, closed: NumberOrder, sandbox: Control
) -> None:
    sandbox.genesys_cloud.put_number(NUMBER, comment="bought by hand")
    NumberOrder.objects.filter(pk=closed.pk).update(state="cancelled")  # so that nothing hears of the first list
    refreshed(representative, tenant)
    NumberOrder.objects.filter(pk=closed.pk).update(state="not_placed")
    inventory.explain(buyer, tenant, [OwnedNumber.objects.get()], "A colleague bought it.")
    refreshed(representative, tenant)
    assert fresh(closed).state == "not_placed"


def test_a_number_that_a_newer_order_bought_reopens_nothing_and_the_old_one_rests(
    buyer: Actor, representative: User, tenant: Tenant, closed: NumberOrder, sandbox: Control
) -> None:
    newer = go_now(go_now(buying.order(buyer, tenant)))
    assert newer.state == "completed"
    for _ in range(3):
        go_now(closed)
    refreshed(representative, tenant)
    old = fresh(closed)
    assert (old.state, old.due_at, old.evidence.filter(kind="listed").count()) == ("not_placed", None, 0)
    assert OwnedNumber.objects.get(number=NUMBER).order == newer


def test_while_a_newer_draft_holds_the_number_it_rests_and_is_heard_when_that_is_gone(
    buyer: Actor, representative: User, tenant: Tenant, closed: NumberOrder, sandbox: Control
) -> None:
    sandbox.genesys_cloud.put_number(NUMBER)
    NumberOrder.objects.filter(pk=closed.pk).update(sent_at=timezone.now() + timedelta(minutes=10))
    draft = draft_orders(buyer, tenant, numbers=[NUMBER], form_token=uuid.uuid4(), reason="again").orders.get()
    for _ in range(3):
        go_now(closed)
        refreshed(representative, tenant)
    old = fresh(closed)
    assert (old.state, old.due_at, old.evidence.filter(kind="listed").count()) == ("not_placed", None, 1)
    cancel_order(command_line(), draft)
    refreshed(representative, tenant)
    assert fresh(closed).state == "under_review"


def test_of_two_closed_orders_the_one_that_the_number_bears_the_marks_of_is_reopened(
    buyer: Actor, representative: User, tenant: Tenant, closed: NumberOrder, sandbox: Control
) -> None:
    newer = under_review(buying.order(buyer, tenant, comment="Sales"), sandbox)
    decide_not_placed(buyer, newer, reason="Again no.")
    sandbox.genesys_cloud.put_number(NUMBER, comment="Hotline")
    refreshed(representative, tenant)
    assert (fresh(closed).state, fresh(newer).state) == ("under_review", "not_placed")


def test_a_number_bought_by_hand_is_not_of_an_order_that_never_arrived(queued: NumberOrder, sandbox: Control) -> None:
    lost = unknown(queued, sandbox)
    sandbox.genesys_cloud.put_number(NUMBER, comment="bought by hand")
    seen = go_now(lost)
    assert seen.state == "under_review"
    assert "nothing proves that it came with this order" in seen.sentence


def test_what_the_lost_order_bought_is_found_by_its_comment(queued: NumberOrder, sandbox: Control) -> None:
    sandbox.fault("reply_lost", match=POST)
    assert go_now(go_now(queued)).state == "placed"


@pytest.fixture
def answered(buyer: Actor, queued: NumberOrder, sandbox: Control) -> NumberOrder:
    """A closed order whose answer came after a person's decision: it was bought."""
    late = answered_after(queued, sandbox, lambda order: decide_not_placed(buyer, order, reason="Genesys says no."))
    assert late.state == "not_placed"
    return late


def look(buyer: Actor, order: NumberOrder) -> NumberOrder:
    """Press “Look again”, and do the worker's part."""
    look_again(buyer, order)
    dispatch.go(order.pk)
    return fresh(order)


def test_a_late_answer_reopens_a_closed_order_with_what_the_list_shows(
    answered: NumberOrder, wake_ups: list[str]
) -> None:
    wake_ups.clear()
    reopened = go_now(answered)
    assert (reopened.state, reopened.due_at, wake_ups) == ("under_review", None, [])
    assert "Too late, its worker says" in reopened.sentence
    assert [each.kind for each in reopened.evidence.order_by("-pk")[:2]] == ["listed", "late_answer"]


@pytest.mark.parametrize("lags", [False, True], ids=["listed at once", "listed never"])
def test_what_a_person_decides_after_the_late_answer_stands(
    buyer: Actor, representative: User, tenant: Tenant, answered: NumberOrder, sandbox: Control, *, lags: bool
) -> None:
    sandbox.genesys_cloud.settings(list_lag_seconds=3600 if lags else 0)
    decide_not_placed(buyer, go_now(answered), reason="Genesys took it back.")
    for _ in range(3):
        seen = go_now(answered)
        refreshed(representative, tenant)
    assert (fresh(seen).state, seen.due_at) == ("not_placed", None)
    assert verbs(tenant).count("order.under_review") == 2


def test_an_order_that_was_closed_is_not_placed_by_looking_again(
    buyer: Actor, answered: NumberOrder, sandbox: Control
) -> None:
    go_now(answered)
    for _ in range(2):
        seen = look(buyer, answered)
        assert (seen.state, seen.due_at) == ("under_review", None)
    assert "closed as not placed; decide again" in seen.sentence
    assert decide_placed(buyer, seen, reason="It is ours.").state == "placed"
    assert go_now(seen).state == "completed"
    assert sandbox.bought() == {NUMBER: 1}


def test_nor_is_one_that_the_list_reopened(
    buyer: Actor, representative: User, tenant: Tenant, closed: NumberOrder, sandbox: Control
) -> None:
    sandbox.genesys_cloud.put_number(NUMBER, comment="Hotline")
    refreshed(representative, tenant)
    assert look(buyer, closed).state == "under_review"


def test_nor_one_whose_second_decision_was_undone(buyer: Actor, answered: NumberOrder) -> None:
    wrong = decide_placed(buyer, go_now(answered), reason="It is ours.")
    undo_decision(buyer, wrong, reason="I mixed up two numbers.")
    assert look(buyer, wrong).state == "under_review"


def test_a_late_answer_that_a_person_knew_reopens_nothing(
    buyer: Actor, queued: NumberOrder, sandbox: Control, tenant: Tenant
) -> None:
    sandbox.genesys_cloud.settings(list_lag_seconds=3600)
    late = answered_after(queued, sandbox, lambda _: None)
    decide_not_placed(buyer, late, reason="Genesys took it back.")
    for _ in range(3):
        seen = go_now(late)
    assert (seen.state, seen.due_at) == ("not_placed", None)
    assert verbs(tenant).count("order.under_review") == 1


def test_a_late_answer_places_an_order_once(buyer: Actor, queued: NumberOrder, sandbox: Control) -> None:
    placed = go_now(answered_after(queued, sandbox, lambda _: None))
    assert (placed.state, bool(placed.provider_order_id)) == ("placed", True)
    NumberOrder.objects.filter(pk=placed.pk).update(state="under_review", due_at=None)  # polled too often
    sandbox.genesys_cloud.settings(list_lag_seconds=3600)
    assert look(buyer, placed).state == "under_review"


def test_a_late_refusal_closes_an_order_once(
    buyer: Actor, representative: User, tenant: Tenant, queued: NumberOrder, sandbox: Control
) -> None:
    review = under_review(queued, sandbox)
    add_evidence(review, EvidenceKind.LATE_ANSWER, "Too late, its worker says: refused.", says_bought=False)
    NumberOrder.objects.filter(pk=review.pk).update(due_at=timezone.now())
    assert go_now(review).state == "not_placed"
    sandbox.genesys_cloud.put_number(NUMBER, comment="Hotline")
    refreshed(representative, tenant)
    assert look(buyer, review).state == "under_review"


def test_a_late_refusal_does_not_close_what_the_list_reopened(
    representative: User, tenant: Tenant, closed: NumberOrder, sandbox: Control
) -> None:
    sandbox.genesys_cloud.put_number(NUMBER, comment="Hotline")
    refreshed(representative, tenant)
    add_evidence(closed, EvidenceKind.LATE_ANSWER, "Too late, its worker says: refused.", says_bought=False)
    NumberOrder.objects.filter(pk=closed.pk).update(due_at=timezone.now())
    assert go_now(closed).state == "under_review"


def test_a_number_that_a_newer_order_holds_is_waited_for_and_one_that_it_explains_is_not(
    buyer: Actor, tenant: Tenant, answered: NumberOrder, sandbox: Control
) -> None:
    sandbox.genesys_cloud.settings(list_lag_seconds=3600)
    newer = buying.order(buyer, tenant)
    waiting = go_now(answered)
    assert (waiting.state, waiting.due_at is not None) == ("not_placed", True)
    sandbox.genesys_cloud.settings(list_lag_seconds=0)
    NumberOrder.objects.filter(pk=newer.pk).update(state="completed")
    resting = go_now(answered)
    assert (resting.state, resting.due_at) == ("not_placed", None)
