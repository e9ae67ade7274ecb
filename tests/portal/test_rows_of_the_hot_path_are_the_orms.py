"""What `portal.core.db.fast_sql` writes and reads is, value for value, what the ORM would have written and read."""

from contextlib import suppress
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.db import transaction
from django.forms.models import model_to_dict

from portal.audit.commit_guard import unaudited
from portal.core.db import fast_sql
from portal.http_client.models import Call
from portal.tenants.models import Tenant
from provisioning.models import Service, ServiceState, Setup, SetupStep, StepState

pytestmark = [pytest.mark.databases, pytest.mark.django_db]

NOW = datetime(2026, 2, 3, 4, 5, 6, 789012, tzinfo=UTC)


def call(purpose: str = "create SMS") -> Call:
    return Call(
        tenant_id=uuid4(),
        destination="nexus",
        purpose=purpose,
        method="POST",
        url="http://127.0.0.1:9/%s?a=%%",
        request_headers={"x-ccid": 'quotes "inside"', "empty": None},
        request_body="ünïcode 🙂 'and' quotes",
        sent_at=NOW,
    )


@pytest.fixture
def setup(tenant: Tenant) -> Setup:
    made = Setup.objects.create(tenant=tenant, option="kaleyra", answers=b"\0\xff", changed_by_label="ann")
    for position, service in enumerate(["SMS", "mGageSMS"]):
        SetupStep.objects.create(setup=made, position=1 - position, service=service, started_at=NOW)
    return made


def test_an_inserted_row_is_the_row_that_save_would_make() -> None:
    ours, theirs = call(), call()
    theirs.tenant_id = ours.tenant_id
    fast_sql.insert(ours)
    theirs.save()
    assert ours.pk
    assert ours.pk != theirs.pk
    assert model_to_dict(Call.objects.get(pk=ours.pk), exclude=["id"]) == model_to_dict(theirs, exclude=["id"])


def test_a_row_that_is_there_stays_as_it_is_or_takes_the_named_values(setup: Setup) -> None:
    facts = {"tenant_id": setup.tenant_id, "name": "SMS", "setup_id": setup.pk, "since": NOW}
    first = Service(**facts, state=ServiceState.FOUND, check_sentence="looked at")
    fast_sql.insert(first, clash=("tenant", "name"))
    fast_sql.insert(Service(**facts, state=ServiceState.CREATED), clash=("tenant", "name"))
    assert Service.objects.get().state == ServiceState.FOUND
    taken = Service(**facts, state=ServiceState.CREATED, sent={"url": "N/A"})
    fast_sql.insert(taken, clash=("tenant", "name"), replace=("state", "sent"))
    kept = Service.objects.get()
    assert (kept.pk, kept.state, kept.sent) == (first.pk, ServiceState.CREATED, {"url": "N/A"})
    assert kept.check_sentence == "looked at"


def test_an_update_changes_the_rows_that_equal_all_conditions_and_no_others() -> None:
    one, other = call(), call("create mGageSMS")
    fast_sql.insert(one)
    fast_sql.insert(other)
    answer = {"status": 201, "answer_headers": {"a": ["b"]}, "answer_body": "{}", "finished_at": NOW}
    assert fast_sql.update(Call, answer, pk=one.pk, finished_at=None) == 1
    assert fast_sql.update(Call, answer | {"status": 500}, pk=one.pk, finished_at=None) == 0
    found = Call.objects.get(pk=one.pk)
    assert {name: getattr(found, name) for name in answer} == answer
    assert Call.objects.get(pk=other.pk).status is None


def test_an_update_can_empty_a_field(setup: Setup) -> None:
    fast_sql.update(SetupStep, {"started_at": None, "state": StepState.SENDING}, setup=setup.pk, service="SMS")
    assert list(setup.steps.values_list("state", "started_at")) == [("pending", NOW), ("sending", None)]


def test_rows_are_read_as_the_orm_reads_them_and_in_its_order(setup: Setup) -> None:
    (read,) = fast_sql.select(Setup, pk=setup.pk)
    assert model_to_dict(read) == model_to_dict(Setup.objects.get())
    assert bytes(read.answers or b"") == b"\0\xff"
    assert [step.service for step in fast_sql.select(SetupStep, setup=setup.pk)] == ["mGageSMS", "SMS"]


def test_many_rows_are_inserted_in_their_order_and_updated_from_memory() -> None:
    many = [call(f"create {number}") for number in range(3)]
    fast_sql.insert_many(many)
    found = list(Call.objects.order_by("pk"))
    assert [model_to_dict(each, exclude=["id"]) for each in found] == [
        model_to_dict(each, exclude=["id"]) for each in many
    ]
    for number, each in enumerate(found[:2]):
        each.status, each.purpose = 200 + number, "not to be written"
    fast_sql.update_many(found[:2], ("status",))
    assert list(Call.objects.order_by("pk").values_list("purpose", "status")) == [
        ("create 0", 200),
        ("create 1", 201),
        ("create 2", None),
    ]
    fast_sql.insert_many([])
    fast_sql.update_many([], ("status",))


def test_what_travels_in_one_go_is_written_in_order_and_each_gets_its_own_answer(setup: Setup) -> None:
    one, other = call(), call()
    facts = {"tenant_id": setup.tenant_id, "setup_id": setup.pk, "since": NOW, "state": ServiceState.FOUND}
    with unaudited(), fast_sql.pipeline():  # what travels together is not seen to be a test's
        fast_sql.update_deferred(SetupStep, {"sentence": "100 %s; %% 'and' ünïcode"}, setup=setup.pk)
        fast_sql.insert(one)
        fast_sql.update_deferred(Call, {"status": 500}, pk=one.pk)
        assert fast_sql.update(Call, {"status": 201}, pk=one.pk, status=500) == 1
        fast_sql.insert(Service(**facts, name="SMS"), clash=("tenant", "name"))
        fast_sql.update_deferred(SetupStep, {"sentence": "last"}, setup=setup.pk, service="SMS")
        assert [step.sentence for step in fast_sql.select(SetupStep, setup=setup.pk)] == [
            "100 %s; %% 'and' ünïcode",
            "last",
        ]
        fast_sql.insert_many([other])
        fast_sql.update_deferred(Setup, {"sentence": "at the end"}, pk=setup.pk)
    assert list(Call.objects.order_by("pk").values_list("pk", "status")) == [(one.pk, 201), (one.pk + 1, None)]
    assert Service.objects.get().name == "SMS"
    assert Setup.objects.get().sentence == "at the end"


def test_nothing_travels_when_the_block_ends_with_an_exception(setup: Setup) -> None:
    with suppress(ValueError), transaction.atomic(), fast_sql.pipeline():
        fast_sql.update_deferred(Setup, {"sentence": "never"}, pk=setup.pk)
        raise ValueError
    assert Setup.objects.get().sentence == ""
