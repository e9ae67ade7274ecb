"""An action's events are appended when all else is done, and its transaction is run once more after a deadlock."""

from collections.abc import Callable

import psycopg.errors
import pytest
from django.db import OperationalError, transaction

from portal.accounts.models import User
from portal.audit.actors import command_line
from portal.audit.models import Event
from portal.audit.recording import Target, record
from portal.audit.transactions import atomic, in_turn
from portal.audit.verbs import Verb
from tests.support.cast import new_person
from tests.support.lock_order import LockedAfterTheChain

ABOUT = Target("person", "1", "somebody")


def _events() -> int:
    return Event.objects.filter(verb=Verb.PERSON_DISABLED).count()


def _tell() -> None:
    record(Verb.PERSON_DISABLED, ABOUT, command_line())


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("run", [lambda work: atomic(work)(), in_turn], ids=["atomic", "in_turn"])
def test_events_wait_until_all_else_is_done(run: Callable[..., None]) -> None:
    seen: list[int] = []

    def work() -> None:
        _tell()
        seen.append(_events())
        _tell()

    run(work)
    assert seen == [0]
    assert _events() == 2


@pytest.mark.django_db(transaction=True)
def test_an_action_inside_another_waits_for_the_end_of_the_outer_one() -> None:
    seen: list[int] = []

    @atomic
    def outer() -> None:
        atomic(_tell)()
        seen.append(_events())

    outer()
    assert (seen, _events()) == ([0], 1)


@pytest.mark.django_db(transaction=True)
def test_events_of_an_action_that_failed_are_gone() -> None:
    @atomic
    def fail() -> None:
        _tell()
        raise LookupError

    with pytest.raises(LookupError):
        fail()
    assert _events() == 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("run", [lambda work, row: atomic(lambda _: work())(row), in_turn], ids=["atomic", "in_turn"])
def test_after_a_deadlock_each_event_is_written_once(run: Callable[..., None]) -> None:
    user, begun = new_person("ada"), []

    def work() -> None:
        begun.append(user.name)
        user.name = "Somebody else"
        user.save(update_fields=["name"])
        _tell()
        if len(begun) == 1:
            raise OperationalError from psycopg.errors.DeadlockDetected()

    run(work, user)
    assert begun == ["Ada", "Ada"]
    assert _events() == 1
    assert User.objects.get(pk=user.pk).name == "Somebody else"


@pytest.mark.django_db(transaction=True)
def test_the_tests_notice_a_row_that_is_locked_after_the_head_of_a_chain(monkeypatch: pytest.MonkeyPatch) -> None:
    user = new_person("ada")
    monkeypatch.setattr("tests.support.lock_order.does_a_test", lambda: False)

    @transaction.atomic
    def write_after_the_event() -> None:
        _tell()
        user.save(update_fields=["name"])

    with pytest.raises(LockedAfterTheChain, match="accounts_user"):
        write_after_the_event()
