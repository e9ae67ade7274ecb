"""send(): nothing leaves while a transaction is open, wherever it was opened, and by whatever way."""

from __future__ import annotations

import threading
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from django.db import connection, transaction

from portal.audit.transactions import atomic, in_turn, unit_of_work
from portal.core.db.group_commit import commit_in_group
from portal.core.transactions import TransactionOpen
from portal.http_client import guarded_connection
from portal.http_client.call_log import exchange
from portal.http_client.destinations import Destination
from portal.http_client.errors import OutboundError, UrlRefused
from portal.http_client.guarded_connection import Attempt
from portal.http_client.messages import Request
from portal.http_client.resolver import name_warnings
from portal.http_client.send import send

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from portal.devtools.sandbox.control import Control

databases = pytest.mark.databases


def look(sandbox: Control, destination: Destination = Destination.NEXUS) -> str:
    """Ask the sandbox for a page that it does not have; returns the code of the error that it answers with."""
    try:
        send(Request(destination, "look", "GET", f"{sandbox.url}/nowhere"), {})
    except OutboundError as error:
        return error.code
    return "ok"


def asked(sandbox: Control) -> int:
    return len(sandbox.ledger())


@contextmanager
def _two(*blocks: Callable[[], Any]) -> Iterator[None]:
    with ExitStack() as stack:
        for block in blocks:
            stack.enter_context(block())
        yield


BLOCKS: dict[str, Callable[[], Any]] = {
    "atomic": transaction.atomic,
    "durable": lambda: transaction.atomic(durable=True),
    "savepoint": lambda: _two(transaction.atomic, transaction.atomic),
    "no savepoint": lambda: _two(transaction.atomic, lambda: transaction.atomic(savepoint=False)),
    "unit of work": lambda: _two(transaction.atomic, unit_of_work),
}


@databases
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("destination", Destination)
@pytest.mark.parametrize("block", BLOCKS)
def test_inside_a_transaction_nothing_leaves(block: str, destination: Destination, sandbox: Control) -> None:
    with BLOCKS[block](), pytest.raises(TransactionOpen, match="A request is not sent while a transaction is open"):
        look(sandbox, destination)
    assert asked(sandbox) == 0
    assert look(sandbox, destination) == "not_found"
    assert asked(sandbox) == 1


@databases
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("run", [lambda do: atomic(do)(), in_turn, lambda do: commit_in_group(uuid4(), do)])
def test_the_portals_own_transactions_are_such(run: Callable[[Callable[[], str]], str], sandbox: Control) -> None:
    with pytest.raises(TransactionOpen):
        run(lambda: look(sandbox))
    assert asked(sandbox) == 0


@databases
@pytest.mark.django_db(transaction=True)
def test_after_the_commit_and_after_a_rollback_it_leaves(sandbox: Control) -> None:
    told: list[str] = []
    with transaction.atomic():
        transaction.on_commit(lambda: told.append(look(sandbox)))
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        raise ZeroDivisionError
    told.append(look(sandbox))
    assert told == ["not_found", "not_found"]
    assert asked(sandbox) == 2


@databases
@pytest.mark.django_db(transaction=True)
def test_a_connection_that_is_kept_alive_sends_nothing_either(sandbox: Control) -> None:
    look(sandbox)
    with transaction.atomic(), pytest.raises(TransactionOpen):
        look(sandbox)
    assert asked(sandbox) == 1


@pytest.mark.django_db(transaction=True)
def test_below_send_nothing_connects_and_no_name_server_is_asked() -> None:
    with transaction.atomic():
        with pytest.raises(TransactionOpen), Attempt(Destination.NEXUS, 5.0) as attempt:
            guarded_connection.dial("localhost", 1, attempt, tls=False)
        with pytest.raises(TransactionOpen, match="A question to the name server"):
            name_warnings(["nexus.example"])
        assert name_warnings(["192.0.2.1"]) == []  # an address is no question


@pytest.mark.django_db(transaction=True)
def test_no_handler_of_failed_calls_takes_it_for_one(sandbox: Control) -> None:
    assert not issubclass(TransactionOpen, OutboundError)
    with transaction.atomic(), pytest.raises(TransactionOpen):
        send(Request(Destination.NEXUS, "look", "GET", "ftp://nowhere"), {})
    with pytest.raises(UrlRefused):
        send(Request(Destination.NEXUS, "look", "GET", "ftp://nowhere"), {})
    with transaction.atomic(), pytest.raises(RuntimeError):
        exchange(
            Request(Destination.NEXUS, "look", "GET", f"{sandbox.url}/nowhere"), {}, tenant_id=None, subject_id=None
        )
    assert asked(sandbox) == 0


@pytest.mark.django_db(transaction=True)
def test_the_transaction_of_another_thread_is_no_hindrance(sandbox: Control) -> None:
    told: list[str] = []
    with transaction.atomic():
        thread = threading.Thread(target=lambda: told.append(look(sandbox)))
        thread.start()
        thread.join()
    assert told == ["not_found"]


@databases
@pytest.mark.django_db
def test_the_transaction_around_a_test_does_not_count(sandbox: Control) -> None:
    assert connection.in_atomic_block
    assert look(sandbox) == "not_found"
    with transaction.atomic(), pytest.raises(TransactionOpen):
        look(sandbox)
    assert asked(sandbox) == 1


def test_without_a_database_it_asks_none(sandbox: Control) -> None:
    assert look(sandbox) == "not_found"
