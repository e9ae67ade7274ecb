"""Transactions of actions, and the one order in which all of them lock rows.

Two transactions that lock the same rows in different orders wait for each other, and the database ends one of them. So
all lock in this order, several rows of one kind by their primary key (or by the number or address that is unique):

1. people, then memberships and invitations;
2. the tenant (`no_key`, so that rows which refer to it can still be made);
3. a set-up, its steps, its services; or a group of orders, a release, then orders;
4. numbers of the inventory, then sender IDs;
5. credentials;
6. the personal texts of the history, and last of all the heads of its chains.

Everybody who changes something of a tenant writes into its chain, so the head of a chain is what most wait for. The
last point is therefore kept by the code: `atomic` and `in_turn` let events wait, and append them when all else is done.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from django.db import connection, transaction
from django.db.models import Model

from portal.audit.recording import gathered
from portal.deadlocks import retry_once
from portal.turns import turn

_Given = ParamSpec("_Given")
_Result = TypeVar("_Result")


def atomic(action: Callable[_Given, _Result]) -> Callable[_Given, _Result]:
    """Run the function in a transaction, whose events are appended at its end; once more after a deadlock.

    Inside another transaction it is a part of that one. It must send nothing and change nothing but the database, and
    in memory only rows that it was given: those are put back before it runs again.
    """

    @wraps(action)
    def in_transaction(*args: _Given.args, **kwargs: _Given.kwargs) -> _Result:
        def transact() -> _Result:
            with transaction.atomic(), gathered():
                return action(*args, **kwargs)

        return retry_once(transact, _rows_in([*args, *kwargs.values()]))

    return in_transaction


def in_turn(write: Callable[[], _Result], *rows: Model) -> _Result:
    """Do the same for a worker, which waits for its turn to write on SQLite; `rows` are those that `write` changes."""

    def transact() -> _Result:
        with turn(), transaction.atomic(), gathered():
            return write()

    return retry_once(transact, rows)


def lock_table(model: type[Model]) -> None:
    """Let nobody else write into the table until the transaction ends, for a rule about rows that are not there yet.

    Call it before any row is locked. SQLite has one writer anyway.
    """
    if connection.vendor == "postgresql":
        table = connection.ops.quote_name(model._meta.db_table)  # noqa: SLF001 - Django's public API
        with connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE")


def _rows_in(values: Iterable[Any]) -> Iterator[Model]:
    for value in values:
        if isinstance(value, Model):
            yield value
        elif isinstance(value, list | tuple):
            yield from _rows_in(value)
