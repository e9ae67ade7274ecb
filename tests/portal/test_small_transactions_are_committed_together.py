"""Many threads that write at once: each gets its own result or error, and goes on only when its rows are committed."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from threading import Event, get_ident
from typing import Any
from uuid import UUID

import pytest
from django.db import DatabaseError, connection, connections, transaction

from portal.audit import commit_guard
from portal.audit.commit_guard import ChangeWithoutEvent, unaudited
from portal.audit.models import Event as Line
from portal.audit.recording import Target, batch_events, record
from portal.audit.transactions import unit_of_work
from portal.audit.verbs import Verb
from portal.core.db import group_commit as module
from portal.core.db.group_commit import commit_in_group
from portal.tenants.models import Tenant
from tests.portal.audit.conftest import ANN, problems

pytestmark = [pytest.mark.databases, pytest.mark.usefixtures("transactional_db")]

THREADS = 12


def add(number: int) -> int:
    """Add a tenant and its line of history, in the caller's transaction."""
    tenant = Tenant.objects.create(pk=UUID(int=number), name=f"Tenant {number}", ccid=UUID(int=number))
    record(Verb.TENANT_CREATED, Target("tenant", str(number), tenant.name), ANN, tenant_id=tenant.pk)
    return number


class Crowd:
    """Threads of which the first holds the pen until all the others wait: these are written down together."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.desk = module._CommitQueue()  # noqa: SLF001 - nothing public tells who waits
        monkeypatch.setattr(module, "_queue", self.desk)
        self.pool = ThreadPoolExecutor(THREADS + 1)

    def write(self, works: dict[int, Callable[[], Any]]) -> dict[int, Future[Any]]:
        """Have each written about the row of this number, and wait for all."""
        held, go_on = Event(), Event()

        def hold() -> None:
            held.set()
            go_on.wait(10)

        first = self.pool.submit(self._one, 0, hold)
        assert held.wait(10)
        futures = {key: self.pool.submit(self._one, key, work) for key, work in works.items()}
        while len(self.desk._waiting) < len(works):  # noqa: SLF001 - as above
            assert not first.done()
        go_on.set()
        first.result()
        self.pool.shutdown()
        return futures

    def _one(self, key: int, work: Callable[[], Any]) -> Any:
        try:
            return commit_in_group(UUID(int=key), work)
        finally:
            connection.close()


@pytest.fixture
def crowd(monkeypatch: pytest.MonkeyPatch) -> Crowd:
    return Crowd(monkeypatch)


def test_each_gets_its_own_result_from_one_thread_in_the_order_of_the_rows(crowd: Crowd) -> None:
    told: list[tuple[int, int]] = []

    def work(number: int) -> Callable[[], int]:
        def write() -> int:
            told.append((number, get_ident()))
            return add(number)

        return write

    futures = crowd.write({number: work(number) for number in range(THREADS, 0, -1)})
    assert {key: future.result() for key, future in futures.items()} == {n: n for n in range(1, THREADS + 1)}
    assert [number for number, _ in told] == list(range(1, THREADS + 1))
    assert len({thread for _, thread in told}) == 1
    assert Tenant.objects.count() == Line.objects.count() == THREADS
    assert problems() == []


def test_one_that_stumbles_takes_nobody_with_it_and_leaves_nothing(crowd: Crowd) -> None:
    def stumble() -> None:
        add(2)
        raise ValueError("two")

    def stumble_in_the_database() -> None:
        add(3)
        add(3)

    futures = crowd.write({1: lambda: add(1), 2: stumble, 3: stumble_in_the_database, 4: lambda: add(4)})
    assert (futures[1].result(), futures[4].result()) == (1, 4)
    with pytest.raises(ValueError, match="two"):
        futures[2].result()
    with pytest.raises(DatabaseError):
        futures[3].result()
    assert set(Tenant.objects.values_list("pk", flat=True)) == {UUID(int=1), UUID(int=4)}
    assert Line.objects.count() == 2


def test_a_commit_that_fails_is_told_to_all_and_nothing_is_written(
    crowd: Crowd, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: object) -> None:
        raise DatabaseError("the disk is full")

    def last() -> None:
        add(2)
        monkeypatch.setattr(type(connections["default"]), "_commit", fail)

    futures = crowd.write({1: lambda: add(1), 2: last})
    monkeypatch.undo()
    for future in futures.values():
        with pytest.raises(DatabaseError, match="disk"):
            future.result()
    assert not Tenant.objects.exists()
    assert not Line.objects.exists()


def test_what_waits_for_the_commit_is_done_after_it_and_not_for_one_that_stumbled(crowd: Crowd) -> None:
    seen: list[tuple[int, bool]] = []

    def work(number: int, *, stumbles: bool = False) -> Callable[[], None]:
        def write() -> None:
            add(number)
            transaction.on_commit(lambda: seen.append((number, connection.in_atomic_block)))
            if stumbles:
                raise ValueError

        return write

    futures = crowd.write({1: work(1), 2: work(2, stumbles=True), 3: work(3)})
    assert [type(future.exception()) for future in futures.values()] == [type(None), ValueError, type(None)]
    assert seen == [(1, False), (3, False)]


def test_nobody_goes_on_before_the_commit_and_nobody_is_forgotten() -> None:
    def written(number: int) -> bool:
        told = commit_in_group(UUID(int=number), partial(add, number))
        return told == number and Tenant.objects.filter(pk=UUID(int=number)).exists()

    def again(thread: int) -> bool:
        try:
            return all(written(100 * thread + turn) for turn in range(1, 9))
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as pool:
        assert all(pool.map(again, range(1, THREADS + 1), timeout=60))
    assert Tenant.objects.count() == Line.objects.count() == THREADS * 8
    assert problems() == []


@pytest.fixture
def guard(monkeypatch: pytest.MonkeyPatch) -> None:
    """What these tests do is asked for its line too."""
    monkeypatch.setattr(commit_guard, "is_exempt", commit_guard._bookkeeping.get)  # noqa: SLF001 - as the guard's own tests do


def rename(number: int) -> None:
    """Change a tenant and tell nobody."""
    Tenant.objects.filter(pk=UUID(int=number)).update(name="Changed without a line")


def rename_with_a_line(number: int) -> None:
    rename(number)
    record(Verb.TENANT_CHANGED, Target("tenant", str(number), "Acme"), ANN, tenant_id=UUID(int=number))


def rename_with_a_line_that_is_undone(number: int) -> None:
    rename(number)
    with suppress(ValueError), transaction.atomic(), batch_events():
        record(Verb.TENANT_CHANGED, Target("tenant", str(number), "Acme"), ANN)
        raise ValueError


def rename_as_bookkeeping(number: int) -> None:
    with unaudited():
        rename(number)


@transaction.atomic
def rename_around_a_unit_that_stumbles(number: int) -> None:
    rename(number)
    with suppress(ValueError), unit_of_work():
        rename_with_a_line(number)
        raise ValueError


def names() -> dict[int, str]:
    return {tenant.pk.int: tenant.name for tenant in Tenant.objects.order_by("pk")}


@pytest.mark.usefixtures("guard")
@pytest.mark.parametrize("unrecorded", [rename, rename_with_a_line_that_is_undone])
def test_the_line_of_a_neighbour_does_not_speak_for_a_change(crowd: Crowd, unrecorded: Callable[[int], None]) -> None:
    for number in (1, 2, 3, 4):
        with transaction.atomic():
            add(number)
    works = {1: rename_with_a_line, 2: unrecorded, 3: rename_with_a_line, 4: rename_as_bookkeeping}
    futures = crowd.write({number: partial(work, number) for number, work in works.items()})
    with pytest.raises(ChangeWithoutEvent, match="tenants_tenant"):
        futures[2].result()
    for number in (1, 3, 4):
        futures[number].result()
    assert names()[2] == "Tenant 2"
    assert {names()[number] for number in (1, 3, 4)} == {"Changed without a line"}
    assert Line.objects.filter(verb=Verb.TENANT_CHANGED).count() == 2


@pytest.mark.usefixtures("guard")
def test_alone_it_is_refused_as_well() -> None:
    with transaction.atomic():
        add(1)
    with pytest.raises(ChangeWithoutEvent):
        commit_in_group(UUID(int=1), partial(rename, 1))
    assert names() == {1: "Tenant 1"}


@pytest.mark.usefixtures("guard")
@pytest.mark.parametrize("first", [True, False])
def test_units_of_one_transaction_each_owe_their_line(first: bool) -> None:  # noqa: FBT001 - a case of the test
    for number in (1, 2):
        with transaction.atomic():
            add(number)
    works = [rename, rename_with_a_line] if first else [rename_with_a_line, rename]
    with transaction.atomic():
        for number, work in enumerate(works, start=1):
            with suppress(ChangeWithoutEvent), unit_of_work():
                work(number)
    unrecorded = 1 + works.index(rename)
    assert names() == {unrecorded: f"Tenant {unrecorded}", 3 - unrecorded: "Changed without a line"}


@pytest.mark.usefixtures("guard")
def test_a_change_around_units_owes_a_line_of_its_own_transaction() -> None:
    with transaction.atomic():
        add(1)
    with pytest.raises(ChangeWithoutEvent):
        rename_around_a_unit_that_stumbles(1)
    assert names() == {1: "Tenant 1"}
