"""Transactions of actions, and the order in which all of them lock rows.

Two transactions that lock the same rows in different orders deadlock, and the database aborts one of them. So all lock
in this order, and several rows of one kind by their primary key (or by their unique number or address):

1. people, then memberships and invitations;
2. the tenant (`no_key`, so that rows which refer to it can still be inserted);
3. a set-up, its steps, its services; or an order group, a release, then orders;
4. numbers of the inventory, then sender IDs;
5. credentials;
6. the personal texts of the audit trail, and last of all the heads of its chains.

Every change in a tenant appends to its chain, so the chain's head is the most contended row. The code enforces the last
point: `atomic` and `in_turn` defer events and append them at the end.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from django.db import connection, transaction
from django.db.models import Model

from portal.audit.commit_guard import require_event
from portal.audit.recording import batch_events
from portal.core.db.deadlocks import retry_once
from portal.core.db.sqlite_lock import write_lock

_Given = ParamSpec("_Given")
_Result = TypeVar("_Result")


def atomic(action: Callable[_Given, _Result]) -> Callable[_Given, _Result]:
    """Decorator: run the function in a transaction that appends its events at the end; retries once after a deadlock.

    Inside another transaction it joins that one. The function must send no requests. It may change only the database
    and, in memory, the rows that it is passed: these are restored before the retry.
    """

    @wraps(action)
    def in_transaction(*args: _Given.args, **kwargs: _Given.kwargs) -> _Result:
        def transact() -> _Result:
            with transaction.atomic(), batch_events():
                return action(*args, **kwargs)

        return retry_once(transact, _rows_in([*args, *kwargs.values()]))

    return in_transaction


def in_turn(write: Callable[[], _Result], *rows: Model) -> _Result:
    """Do the same for a worker, which takes the write lock on SQLite; `rows` are the rows that `write` changes."""

    def transact() -> _Result:
        with write_lock(), transaction.atomic(), batch_events():
            return write()

    return retry_once(transact, rows)


def lock_table(model: type[Model]) -> None:
    """Lock the table for writing until the transaction ends, for a rule about rows that do not exist yet.

    Call it before locking any row. SQLite has only one writer anyway.
    """
    if connection.vendor == "postgresql":
        table = connection.ops.quote_name(model._meta.db_table)  # noqa: SLF001 - a documented API of Django
        with connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE")


def _rows_in(values: Iterable[Any]) -> Iterator[Model]:
    for value in values:
        if isinstance(value, Model):
            yield value
        elif isinstance(value, list | tuple):
            yield from _rows_in(value)


@contextmanager
def unit_of_work() -> Iterator[None]:
    """Let the block share a transaction as if it had its own.

    Its savepoint is rolled back alone. A change without an event is refused, even when another unit has recorded one.
    """
    with transaction.atomic(), batch_events() as events, require_event(events):
        yield
