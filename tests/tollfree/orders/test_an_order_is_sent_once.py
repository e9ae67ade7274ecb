from datetime import timedelta

import pytest
from django.utils import timezone

from portal.accounts.models import Membership
from portal.audit.actors import command_line
from portal.devtools.sandbox.control import Control
from portal.http_client.messages import Answer
from portal.http_client.models import Call
from portal.tenants.models import Tenant
from tests.provisioning.collisions.crowd import at_once
from tests.support.sweeping import sweep_orders
from tests.tollfree.orders.buying import NUMBER, fresh, go_now, posts, sentences, verbs
from tollfree.orders.models import NumberOrder
from tollfree.orders.review import decide_not_placed
from tollfree.orders.worker import dispatch, send


def test_the_good_case(queued: NumberOrder, sandbox: Control, tenant: Tenant) -> None:
    placed = go_now(queued)
    assert (placed.state, placed.sends) == ("placed", 1)
    completed = go_now(placed)
    assert (completed.state, completed.provider_word) == ("completed", "COMPLETED")
    assert completed.finished_at is not None
    assert sandbox.bought() == {NUMBER: 1}
    (line,) = [line for line in sandbox.ledger() if line["method"] == "POST" and "tollfree" in line["path"]]
    assert line["body"] == [{"tollfreeNumber": NUMBER, "comment": "Hotline", "emailAddress": "a@example.com"}]
    assert verbs(tenant) == [
        "order.drafted",
        "order.confirmed",
        "order.sending",
        "order.placed",
        "order.completed",
    ]
    assert sentences(completed) == ["absent", "answer", "status"]
    assert Call.objects.get(subject_id=completed.pk, method="POST", url__endswith="/tollfreenumbers").status == 200


@pytest.mark.databases
def test_many_messages_at_once_send_it_once(transactional_db: None, queued: NumberOrder, sandbox: Control) -> None:
    sandbox.settings(latency_ms=50)
    try:
        at_once([lambda: dispatch.go(queued.pk)] * 8)
    finally:
        sandbox.settings(latency_ms=0)
    order = fresh(queued)
    assert posts(sandbox) == 1
    assert (order.sends, order.fence) == (1, 1)
    assert Call.objects.filter(subject_id=order.pk, method="POST", url__endswith="/tollfreenumbers").count() == 1


def silence(order: NumberOrder) -> None:
    """Its worker's lease is over, and the sweeper comes."""
    NumberOrder.objects.filter(pk=order.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    sweep_orders()


def test_whoever_died_in_the_middle_is_never_sent_again(
    queued: NumberOrder, sandbox: Control, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(_: object) -> Answer:
        raise SystemExit

    with monkeypatch.context() as dying:
        dying.setattr(send, "_post", die)
        with pytest.raises(SystemExit):
            dispatch.go(queued.pk)
    assert fresh(queued).state == "sending"
    dispatch.go(queued.pk)  # a duplicate of the message
    silence(queued)
    unknown = fresh(queued)
    assert (unknown.state, unknown.fence) == ("unknown", 2)
    assert go_now(unknown).state == "unknown"
    reviewed = go_now(unknown)
    assert (reviewed.state, posts(sandbox)) == ("under_review", 0)
    assert sentences(reviewed) == ["absent", "silence", "not_listed", "not_listed"]


@pytest.mark.parametrize("decided", [False, True], ids=["before a person decided", "after a person decided"])
def test_a_worker_paused_over_its_post_moves_nothing_but_is_heard(
    *,
    decided: bool,
    queued: NumberOrder,
    sandbox: Control,
    tenant: Tenant,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    post = send._post  # noqa: SLF001 - it sleeps right before this line

    def sleep(intent: send.Intent) -> object:
        silence(queued)
        go_now(queued)
        go_now(queued)
        if decided:
            decide_not_placed(command_line(), fresh(queued), reason="Genesys says that they have nothing.")
        return post(intent)

    monkeypatch.setattr(send, "_post", sleep)
    dispatch.go(queued.pk)
    late = fresh(queued)
    assert late.state == ("not_placed" if decided else "under_review")
    assert verbs(tenant)[-1] == "order.late_answer"
    assert late.evidence.get(kind="late_answer").says_bought is True
    settled = go_now(late)
    assert settled.state == ("under_review" if decided else "placed")
    assert settled.provider_order_id == ("" if decided else sandbox.genesys_cloud.orders()[0]["id"])
    assert (posts(sandbox), sandbox.bought()) == (1, {NUMBER: 1})


def test_a_worker_paused_beyond_its_lease_before_it_sends_does_not_send(
    queued: NumberOrder, sandbox: Control, monkeypatch: pytest.MonkeyPatch
) -> None:
    still_ours = send._still_ours  # noqa: SLF001 - it sleeps right before this line

    def sleep(order: NumberOrder) -> bool:
        silence(order)
        return still_ours(order)

    monkeypatch.setattr(send, "_still_ours", sleep)
    dispatch.go(queued.pk)
    assert posts(sandbox) == 0
    settled = go_now(queued)
    assert settled.state == "not_placed"
    assert "sent nothing" in settled.sentence


def test_a_role_that_was_lost_ends_the_order_before_it_is_sent(
    queued: NumberOrder, sandbox: Control, tenant: Tenant
) -> None:
    Membership.objects.all().delete()
    cancelled = go_now(queued)
    assert cancelled.state == "cancelled"
    assert "may no longer order numbers for it" in cancelled.sentence
    assert verbs(tenant)[-1] == "order.cancelled"
    assert posts(sandbox) == 0


def test_a_number_that_is_ours_already_is_not_ordered(queued: NumberOrder, sandbox: Control) -> None:
    sandbox.genesys_cloud.put_number(NUMBER)
    refused = go_now(queued)
    assert (refused.state, posts(sandbox)) == ("refused", 0)
    assert refused.sentence.startswith("This number is yours already: ")


def test_what_cannot_be_asked_is_tried_again_before_anything_is_sent(queued: NumberOrder, sandbox: Control) -> None:
    sandbox.fault("unavailable", match={"method": "GET"}, times=2)
    for _ in range(2):
        waiting = go_now(queued)
        assert (waiting.state, posts(sandbox)) == ("queued", 0)
    assert go_now(queued).state == "placed"


def test_a_token_that_ended_is_renewed_before_the_post_and_not_after(queued: NumberOrder, sandbox: Control) -> None:
    sandbox.fault("unauthorized", match={"method": "GET"}, times=1)
    assert go_now(queued).state == "placed"
    assert posts(sandbox) == 1
