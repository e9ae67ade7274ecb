"""`record_many` and `batch_events` make the same chains as one `record` after the other."""

from contextlib import suppress
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from portal.audit.actors import command_line
from portal.audit.event_lookup import faults
from portal.audit.models import Event
from portal.audit.recording import NewEvent, NotInTransaction, Target, batch_events, record, record_many
from portal.audit.verbs import Verb

ONE, OTHER = UUID(int=1), UUID(int=2)
ACTOR = command_line()


def line(verb: Verb, tenant_id: UUID = ONE) -> NewEvent:
    """A line about a tenant."""
    return NewEvent(verb, Target("tenant", str(tenant_id), "Acme"), tenant_id, {"name": [None, "Acme"]})


def told(tenant_id: UUID) -> list[str]:
    """The verbs of a chain, which must be whole."""
    assert list(faults(str(tenant_id))) == []
    return list(Event.objects.filter(chain=str(tenant_id)).order_by("seq").values_list("verb", flat=True))


@pytest.mark.databases
def test_each_chain_goes_on_where_it_was(db: None) -> None:
    with transaction.atomic():
        record(Verb.TENANT_CREATED, Target("tenant", "1", "Acme"), ACTOR, tenant_id=ONE)
        record_many([line(Verb.TENANT_CHANGED), line(Verb.TENANT_CREATED, OTHER), line(Verb.TENANT_ARCHIVED)], ACTOR)
        record(Verb.TENANT_CHANGED, Target("tenant", "2", "Other"), ACTOR, tenant_id=OTHER)
    assert told(ONE) == ["tenant.created", "tenant.changed", "tenant.archived"]
    assert told(OTHER) == ["tenant.created", "tenant.changed"]


def test_a_hundred_lines_take_few_statements(db: None) -> None:
    with CaptureQueriesContext(connection) as captured, transaction.atomic():
        record_many([line(Verb.TENANT_CHANGED, UUID(int=number % 50)) for number in range(100)], ACTOR)
    assert len(captured) < 15
    assert Event.objects.count() == 100


@pytest.mark.databases
def test_gathered_lines_are_written_at_the_end_in_their_order(db: None) -> None:
    with transaction.atomic(), batch_events():
        first = record(Verb.TENANT_CREATED, Target("tenant", "1", "Acme"), ACTOR, tenant_id=ONE)
        record_many([line(Verb.TENANT_CHANGED)], ACTOR)
        assert Event.objects.count() == 0
    assert told(ONE) == ["tenant.created", "tenant.changed"]
    assert (first.seq, first.pk) == (1, Event.objects.get(seq=1).pk)


def test_lines_of_an_undone_savepoint_go_with_it(db: None) -> None:
    with transaction.atomic(), batch_events():
        record_many([line(Verb.TENANT_CREATED)], ACTOR)
        with suppress(RuntimeError), transaction.atomic(), batch_events():
            record_many([line(Verb.TENANT_CHANGED)], ACTOR)
            raise RuntimeError
        with transaction.atomic(), batch_events():
            record_many([line(Verb.TENANT_ARCHIVED)], ACTOR)
    assert told(ONE) == ["tenant.created", "tenant.archived"]


@pytest.mark.django_db(transaction=True)
def test_without_a_transaction_nothing_is_taken() -> None:
    with pytest.raises(NotInTransaction):
        record_many([line(Verb.TENANT_CREATED)], ACTOR)
    with pytest.raises(NotInTransaction), batch_events():
        record(Verb.TENANT_CREATED, Target("tenant", "1", "Acme"), ACTOR, tenant_id=ONE)
    assert Event.objects.count() == 0
