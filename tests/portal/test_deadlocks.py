"""A transaction that the database ended for the sake of another one is run once more, as if for the first time."""

import logging
import threading
from collections.abc import Callable
from typing import Any

import psycopg.errors
import pytest
from django.db import DatabaseError, OperationalError, connection, transaction

from portal.accounts.actions import grant_role
from portal.accounts.models import Membership, User
from portal.accounts.rights import Role
from portal.audit.actors import command_line
from portal.audit.commit_guard import unaudited
from portal.core.db.deadlocks import is_conflict, retry_once
from portal.core.middleware.outages import outage_page
from portal.tenants.models import Tenant
from tests.provisioning.collisions.crowd import at_once
from tests.support.cast import new_person

LOGGER = "portal.core.db.deadlocks"


def _conflict(cause: BaseException | None = None) -> OperationalError:
    error = OperationalError("deadlock detected")
    error.__cause__ = cause or psycopg.errors.DeadlockDetected()
    return error


class Overtaken:
    """Something that is ended so many times, and counts how often it began."""

    def __init__(self, times: int, error: Callable[[], BaseException] = _conflict) -> None:
        self.times, self.error, self.begun = times, error, 0

    def __call__(self) -> str:
        self.begun += 1
        if self.begun <= self.times:
            raise self.error()
        return "done"


@pytest.mark.django_db(transaction=True)
def test_one_that_was_ended_is_run_once_more(caplog: pytest.LogCaptureFixture) -> None:
    work = Overtaken(1)
    with caplog.at_level(logging.WARNING, LOGGER):
        assert retry_once(work) == "done"
    assert work.begun == 2
    assert "once more" in caplog.text


@pytest.mark.django_db(transaction=True)
def test_one_that_is_ended_again_is_an_error() -> None:
    work = Overtaken(2)
    with pytest.raises(OperationalError):
        retry_once(work)
    assert work.begun == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "error",
    [OperationalError, DatabaseError, ValueError, lambda: _conflict(psycopg.errors.QueryCanceled())],
)
def test_no_other_error_is_tried_again(error: Callable[[], BaseException]) -> None:
    work = Overtaken(1, error)
    with pytest.raises((DatabaseError, ValueError)):
        retry_once(work)
    assert work.begun == 1


@pytest.mark.django_db(transaction=True)
def test_a_part_of_a_transaction_is_not_run_again_alone() -> None:
    work = Overtaken(1)
    with pytest.raises(OperationalError), transaction.atomic():
        retry_once(work)
    assert work.begun == 1


@pytest.mark.django_db(transaction=True)
def test_rows_are_put_back_in_memory_with_the_rows_that_they_had_fetched(
    site_administrator: User, tenant: Tenant
) -> None:
    granted = grant_role(command_line(), user=site_administrator, tenant_id=tenant.pk, role=Role.AUDITOR)
    role = Membership.objects.select_related("user").get(pk=granted.pk)
    seen: list[tuple[str, str, bool]] = []

    def change() -> None:
        seen.append((role.role, role.user.name, "note" in role.__dict__))
        role.role, role.user.name = Role.ADMINISTRATOR, "Somebody else"
        role.__dict__["note"] = "in memory only"
        if len(seen) == 1:
            raise _conflict()

    retry_once(change, [role])
    assert seen == [("auditor", "Site", False)] * 2
    assert role.user.name == "Somebody else"


def test_a_page_that_was_ended_twice_says_that_the_portal_is_busy_and_not_away() -> None:
    page = outage_page(_conflict())
    assert page is not None
    assert page.status_code == 503
    assert "your change was not made" in page.text
    assert "cannot reach" not in page.text


@pytest.mark.django_db(transaction=True)
@pytest.mark.databases
def test_two_that_lock_each_others_rows_both_succeed(caplog: pytest.LogCaptureFixture) -> None:
    rows, both = [new_person("ada").pk, new_person("ben").pk], threading.Barrier(2)

    def renaming(first: Any, second: Any, name: str) -> Callable[[], str]:
        times: list[int] = []

        def work() -> str:
            times.append(1)
            with transaction.atomic(), unaudited():
                User.objects.filter(pk=first).update(name=name)
                if len(times) == 1 and connection.vendor == "postgresql":
                    both.wait(10)  # each has its first row now
                User.objects.filter(pk=second).update(name=name)
            return name

        return lambda: retry_once(work)

    with caplog.at_level(logging.WARNING, LOGGER):
        assert at_once([renaming(rows[0], rows[1], "x"), renaming(rows[1], rows[0], "y")]) == ["x", "y"]
    names = set(User.objects.filter(pk__in=rows).values_list("name", flat=True))
    assert len(names) == 1
    assert names <= {"x", "y"}
    assert ("once more" in caplog.text) is (connection.vendor == "postgresql")


@pytest.mark.django_db(transaction=True)
def test_a_writer_that_waited_too_long_for_sqlite_waits_once_more(site_administrator: User) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL has no lock on the whole database")
    held, given_back = threading.Event(), threading.Event()

    def hold() -> None:
        try:
            with transaction.atomic():
                held.set()
                given_back.wait(10)
        finally:
            connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    assert held.wait(10)
    errors = []

    def rename() -> None:
        try:
            with transaction.atomic(), unaudited():
                User.objects.filter(pk=site_administrator.pk).update(name="x")
        except OperationalError as error:
            errors.append(error)
            given_back.set()
            holder.join(10)
            raise

    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout = 100")
    try:
        retry_once(rename)
    finally:
        connection.close()
    assert [is_conflict(error) for error in errors] == [True]
    assert User.objects.get(pk=site_administrator.pk).name == "x"
