import hashlib
import json
from datetime import datetime, timedelta, timezone

from django.db import transaction

from portal.audit.context import acting
from portal.audit.models import SITE_CHAIN, ChainHead, Event
from portal.audit.recording import NewEvent, Target, record, record_many
from portal.audit.verbs import Verb
from tests.portal.audit.conftest import ANN, TENANT, append, problems


def test_each_event_carries_the_number_and_hash_of_the_one_before(chain: list[Event]) -> None:
    assert [event.seq for event in chain] == [1, 2, 3, 4, 5]
    assert [event.prev for event in chain] == ["", *[event.hash for event in chain[:-1]]]
    assert len({event.hash for event in chain}) == 5
    assert problems() == []


def test_the_head_is_the_last_event(chain: list[Event]) -> None:
    head = ChainHead.objects.get(chain=str(TENANT))
    assert (head.seq, head.hash) == (5, chain[-1].hash)


def test_each_tenant_and_the_site_have_a_chain_of_their_own(chain: list[Event]) -> None:
    assert append(tenant_id=None).chain == SITE_CHAIN
    assert append(tenant_id=None).seq == 2
    assert append().seq == 6


def test_the_hash_is_that_of_the_bytes_after_a_domain_tag(chain: list[Event]) -> None:
    event = Event.objects.get(pk=chain[2].pk)
    tagged = b"genesys-sms-portal/audit-event/v1\n" + bytes(event.canonical)
    assert event.hash == hashlib.sha256(tagged).hexdigest()


def test_the_bytes_are_json_with_sorted_keys_and_hold_place_and_version(chain: list[Event]) -> None:
    data = bytes(Event.objects.get(pk=chain[1].pk).canonical)
    body = json.loads(data)
    assert (body["chain"], body["seq"], body["prev"], body["v"]) == (str(TENANT), 2, chain[0].hash, 1)
    assert data == json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def test_a_time_of_any_zone_stands_in_utc(db: None) -> None:
    moment = datetime(2026, 3, 29, 7, 15, tzinfo=timezone(timedelta(hours=5, minutes=45)))
    with transaction.atomic():
        event = record(Verb.TENANT_CHANGED, Target("tenant", "1", "Acme"), ANN, tenant_id=TENANT, at=moment)
    assert json.loads(bytes(event.canonical))["at"] == "2026-03-29T01:30:00Z"
    assert Event.objects.get().at == moment
    assert problems() == []


def test_request_reason_and_changes_stand_in_the_bytes(db: None) -> None:
    with acting("0123456789abcdef", "203.0.113.7"), transaction.atomic():
        target = Target("tenant", "1", "Ærøskøbing 📱")
        event = record(Verb.TENANT_ARCHIVED, target, ANN, changes={"archived": [False, True]}, reason="closed")
    body = json.loads(bytes(event.canonical))
    assert body["request"] == event.request_id == "0123456789abcdef"
    assert (body["reason"], body["changes"]) == ("closed", {"archived": [False, True]})
    assert body["target"] == {"type": "tenant", "id": "1", "label": "Ærøskøbing 📱"}


def test_many_lines_at_once_continue_their_chains_in_the_order_given(chain: list[Event]) -> None:
    lines = [
        NewEvent(Verb.TENANT_CHANGED, Target("tenant", str(number), f"Line {number}"), TENANT if number % 3 else None)
        for number in range(9)
    ]
    with transaction.atomic():
        events = record_many(lines, ANN)
    assert [event.seq for event in events if event.chain == str(TENANT)] == [6, 7, 8, 9, 10, 11]
    assert [event.target_id for event in Event.objects.filter(chain=SITE_CHAIN).order_by("seq")] == ["0", "3", "6"]
    assert append().seq == 12
    assert problems() == problems(SITE_CHAIN) == []
