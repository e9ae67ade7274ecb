from collections.abc import Callable

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.urls import reverse

from portal.accounts.models import User
from portal.accounts.permission import person
from portal.audit.actors import Actor
from portal.audit.event_lookup import fields
from portal.audit.models import Event
from portal.audit.verbs import Verb
from portal.devtools.sandbox.control import Control
from tests.numbers.tollfree.orders.doubt import under_review
from tests.tollfree.orders.buying import fresh, go_now, posts
from tollfree.orders.models import NumberOrder
from tollfree.orders.review import decide_not_placed, decide_placed, undo_decision


@pytest.fixture
def wrong(buyer: Actor, queued: NumberOrder, sandbox: Control) -> NumberOrder:
    """Nothing was bought, and a person said that it was."""
    return decide_placed(buyer, under_review(queued, sandbox), reason="I believe so.")


def test_a_wrong_decision_can_be_undone_at_once(buyer: Actor, wrong: NumberOrder, sandbox: Control) -> None:
    undone = undo_decision(buyer, wrong, reason="I mixed up two numbers.")
    assert (undone.state, undone.sentence) == ("under_review", "I mixed up two numbers.")
    event = Event.objects.filter(verb=Verb.ORDER_UNDER_REVIEW).order_by("seq").last()
    assert event is not None
    assert (event.actor_id, fields(event)["reason"]) == (buyer.user_id, "I mixed up two numbers.")
    assert decide_not_placed(buyer, undone, reason="It is not there.").state == "not_placed"
    assert posts(sandbox) == 1


def test_a_worker_that_asks_meanwhile_changes_nothing(buyer: Actor, wrong: NumberOrder) -> None:
    undo_decision(buyer, wrong, reason="It was wrong.")
    assert go_now(wrong).state == "under_review"


def test_an_undone_decision_proves_nothing_any_more(buyer: Actor, wrong: NumberOrder) -> None:
    undo_decision(buyer, wrong, reason="It was wrong.")
    last = fresh(wrong).evidence.last()
    assert last is not None
    assert (last.kind, last.says_bought) == ("decision", None)


def test_it_needs_a_reason_and_a_decision(buyer: Actor, wrong: NumberOrder) -> None:
    with pytest.raises(ValidationError, match="why the decision was wrong"):
        undo_decision(buyer, wrong, reason=" ")
    undo_decision(buyer, wrong, reason="It was wrong.")
    with pytest.raises(ValidationError, match="no decision to undo"):
        undo_decision(buyer, wrong, reason="Another tab.")


def test_what_genesys_cloud_took_is_no_decision_to_undo(buyer: Actor, queued: NumberOrder) -> None:
    placed = go_now(queued)
    assert placed.state == "placed"
    with pytest.raises(ValidationError, match="no decision to undo"):
        undo_decision(buyer, placed, reason="I do not like it.")


def test_an_auditor_undoes_nothing(auditor: User, wrong: NumberOrder) -> None:
    with pytest.raises(PermissionDenied):
        undo_decision(person(auditor), wrong, reason="I think so.")


def test_the_page_leads_there(
    client_of: Callable[[User], Client], representative: User, auditor: User, wrong: NumberOrder
) -> None:
    desk, page = client_of(representative), reverse("order", args=[wrong.pk])
    assert "Undo the decision" in desk.get(page).content.decode()
    assert "Undo the decision" not in client_of(auditor).get(page).content.decode()
    assert "Why was the decision wrong?" in desk.get(reverse("order_review", args=[wrong.pk])).content.decode()
    undo = reverse("order_review_undo", args=[wrong.pk])
    assert "Say why the decision was wrong." in desk.post(undo, {"reason": ""}).content.decode()
    decide = desk.post(undo, {"reason": "I mixed up two numbers."}, follow=True).content.decode()
    assert "It was not placed" in decide
    assert fresh(wrong).state == "under_review"
    assert "Undo the decision" not in desk.get(page).content.decode()
