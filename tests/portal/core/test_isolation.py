"""Of several, one that fails is logged once, and the others go on."""

import logging

import pytest
from django.db import DatabaseError, connection, transaction

from portal.core.isolation import alone


def fail() -> int:
    raise ZeroDivisionError("the reason")


def test_what_fails_is_logged_once_with_its_reason_and_answered_otherwise(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        assert [alone("first", fail, None), alone("second", lambda: 2, None)] == [None, 2]
    (record,) = caplog.records
    assert "first failed" in record.getMessage()
    assert record.exc_info is not None
    assert "the reason" in str(record.exc_info[1])


def test_who_ends_the_process_ends_it() -> None:
    def end() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        alone("ending", end, None)


def _ask(sql: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return int(cursor.fetchone()[0])


@pytest.mark.databases
@pytest.mark.django_db(transaction=True)
def test_in_a_transaction_a_statement_that_fails_leaves_the_others_theirs() -> None:
    with transaction.atomic():
        answers = [alone(sql, lambda sql=sql: _ask(sql), None) for sql in ("SELECT nothing", "SELECT 2", "SELECT 3")]  # type: ignore[misc]  # the default binds it
        assert answers == [None, 2, 3]
        assert _ask("SELECT 4") == 4


@pytest.mark.django_db(transaction=True)
def test_outside_of_one_it_opens_none() -> None:
    assert alone("looking", lambda: connection.in_atomic_block, None) is False
    with pytest.raises(DatabaseError):
        _ask("SELECT nothing")
