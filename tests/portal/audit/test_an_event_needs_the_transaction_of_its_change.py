import pytest
from django.db import transaction

from portal.audit.models import ChainHead, Event, PersonalText
from portal.audit.recording import NewEvent, NotInTransaction, Target, record, record_many
from portal.audit.verbs import Verb
from portal.tenants.models import Tenant
from tests.portal.audit.conftest import ANN, TENANT, append
from tests.support.cast import CCID

pytestmark = pytest.mark.databases


def test_an_event_outside_a_transaction_is_refused_and_leaves_nothing(transactional_db: None) -> None:
    with pytest.raises(NotInTransaction, match=r"tenant\.changed must be recorded in the transaction of its change"):
        record(Verb.TENANT_CHANGED, Target("tenant", "1", "Acme"), ANN)
    assert not Event.objects.exists()
    assert not ChainHead.objects.exists()
    assert not PersonalText.objects.exists()


def test_many_events_outside_a_transaction_are_refused_too(transactional_db: None) -> None:
    with pytest.raises(NotInTransaction):
        record_many([NewEvent(Verb.TENANT_CHANGED, Target("tenant", "1", "Acme"))], ANN)
    assert not Event.objects.exists()


@transaction.atomic
def change_and_record(after: object) -> None:
    Tenant.objects.create(name="Acme", ccid=CCID, nexus_url="https://acme.example")
    record(Verb.TENANT_CREATED, Target("tenant", "1", "Acme"), ANN, tenant_id=TENANT, changes={"name": [None, after]})


@transaction.atomic
def change_and_fail() -> None:
    change_and_record("Acme")
    raise ZeroDivisionError


def test_a_change_that_fails_after_its_event_takes_the_event_along(transactional_db: None) -> None:
    with pytest.raises(ZeroDivisionError):
        change_and_fail()
    assert not Tenant.objects.exists()
    assert not Event.objects.exists()


def test_an_event_that_cannot_be_written_takes_its_change_along(transactional_db: None) -> None:
    with pytest.raises(TypeError):
        change_and_record(object())
    assert not Tenant.objects.exists()
    assert not Event.objects.exists()


def test_after_a_rollback_the_sequence_goes_on_without_a_gap(transactional_db: None) -> None:
    append()
    with pytest.raises(ZeroDivisionError):
        change_and_fail()
    assert append().seq == 2
