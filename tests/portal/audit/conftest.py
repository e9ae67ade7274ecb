"""Fixtures of the history's tests: chains of a few events, and an owner of the tables who attacks them."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction

from portal.audit import triggers
from portal.audit.actors import Actor, ActorKind
from portal.audit.event_lookup import Fault, faults
from portal.audit.models import Event
from portal.audit.recording import Target, record
from portal.audit.verbs import Verb

ANN = Actor(ActorKind.PERSON, "ann@example.com", UUID(int=1))
TENANT = UUID(int=7)


def append(tenant_id: UUID | None = TENANT, *, actor: Actor = ANN, name: str = "Acme") -> Event:
    """Append one event, in a transaction of its own."""
    with transaction.atomic():
        return record(
            Verb.TENANT_CHANGED,
            Target("tenant", str(tenant_id or uuid4()), name),
            actor,
            tenant_id=tenant_id,
            changes={"name": ["Acme", name]},
        )


def problems(chain: str = str(TENANT)) -> list[str]:
    """What is wrong with a chain, in words."""
    return [fault.problem for fault in faults(chain)]


def places(chain: str = str(TENANT)) -> set[int]:
    """The sequence numbers at which a chain is broken."""
    found: list[Fault] = list(faults(chain))
    return {fault.seq for fault in found}


@pytest.fixture
def chain(db: None) -> list[Event]:
    """Five events in the chain of one tenant."""
    return [append(name=f"Acme {number}") for number in range(1, 6)]


@pytest.fixture
def attack(db: None) -> Iterator[Callable[..., int]]:
    """Run SQL as the owner of the tables, with the triggers gone: `attack("DELETE …")` returns the rows it hit."""
    triggers.drop(connection)

    def run(sql: str, *values: Any) -> int:
        with connection.cursor() as cursor:
            cursor.execute(sql, values)
            return int(cursor.rowcount)

    yield run
    triggers.create(connection)
