"""A message that waits to be sent is not put a second time; one that has left is."""

import logging
from collections.abc import Iterator
from uuid import UUID

import pytest
from django.db import transaction
from django.test import TestCase

from portal.audit.recording import Target, record
from portal.audit.verbs import Verb
from portal.core.tasks.publish import _Relay, send_task_on_commit
from portal.evidence.anchoring import TASK as SIGN_A_CHECKPOINT
from tests.portal.audit.conftest import ANN
from tests.support.wake_ups import IN_HAND, relay_at_rest

TASK, ROOM = IN_HAND.task, 3

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
def relay(monkeypatch: pytest.MonkeyPatch) -> Iterator[_Relay]:
    """A relay with little room, whose thread rests."""
    with relay_at_rest(monkeypatch, room=ROOM) as (relay, _):
        yield relay


def wake(*numbers: int, countdown: float = 0.0) -> None:
    """Wake for these rows in one transaction, and commit it."""
    with TestCase.captureOnCommitCallbacks(execute=True), transaction.atomic():
        for number in numbers:
            send_task_on_commit(TASK, UUID(int=number), countdown=countdown)


def waiting(relay: _Relay) -> list[tuple[str, int, float]]:
    return [(each.task, UUID(each.row_id).int, each.countdown) for each in relay.waiting.queue]


def test_many_lines_of_one_transaction_leave_room_for_others(relay: _Relay, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING), TestCase.captureOnCommitCallbacks(execute=True), transaction.atomic():
        for number in range(2 * ROOM):
            record(Verb.CREDENTIAL_REPLACED, Target("credential", str(number), "A key"), ANN, tenant_id=UUID(int=7))
        send_task_on_commit(TASK, UUID(int=1))
    assert sorted(waiting(relay)) == [(SIGN_A_CHECKPOINT, 0, 0), (TASK, 1, 0)]
    assert "dropped" not in caplog.text


def test_one_that_is_on_its_way_is_put_again(relay: _Relay) -> None:
    wake(UUID(IN_HAND.row_id).int)  # who takes it may have read the row already
    assert waiting(relay) == [(TASK, 0, 0)]


def test_another_row_and_another_wait_are_other_messages(relay: _Relay) -> None:
    wake(1, 2, 1)
    wake(1, countdown=30)
    wake(1, countdown=30)
    assert waiting(relay) == [(TASK, 1, 0), (TASK, 2, 0), (TASK, 1, 30)]


def test_one_that_was_undone_does_not_take_a_later_one_along(relay: _Relay) -> None:
    with TestCase.captureOnCommitCallbacks(execute=True), transaction.atomic():
        with transaction.atomic():
            send_task_on_commit(TASK, UUID(int=1))
            transaction.set_rollback(True)
        send_task_on_commit(TASK, UUID(int=1))
    assert waiting(relay) == [(TASK, 1, 0)]


def test_what_was_sent_or_dropped_can_be_put_again(monkeypatch: pytest.MonkeyPatch) -> None:
    with relay_at_rest(monkeypatch, room=1) as (relay, sent):
        wake(1, 2)
    for number in (2, 1):
        wake(number)
        relay.flush()
    assert [UUID(each.row_id).int for each in sent] == [0, 1, 2, 1]
