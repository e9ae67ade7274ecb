"""What is personal stands in the chain as a commitment, wherever in a line it came."""

import string
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction

from portal.audit import personal
from portal.audit.integrity_check import verify_database
from portal.audit.models import Event, PersonalText
from portal.audit.personal import Personal
from portal.audit.recording import NewEvent, Target, batch_events, record, record_many
from portal.audit.verbs import Verb
from portal.history.event_rows import ERASED, lines
from portal.ui.forms import check_email
from tests.portal.audit.conftest import ANN, TENANT, problems

pytestmark = [pytest.mark.databases, pytest.mark.django_db]

BOB = "bob@example.com"
THING = Target("thing", "1", "A thing")
PARTS: list[dict[str, Any]] = [
    {"reason": "bob@example.com asked for it."},
    {"reason": "As Bob@Example.COM wrote, <bob@example.com>"},
    {"reason": "He is 'bob@example.com', and \"bob@example.com\"; a line\nbreak too"},
    {"target": Target("thing", "1", "the order of bob@example.com")},
    {"changes": {"email": [None, "bob@example.com"]}},
    {"changes": {"email": ["bob@example.com", None], "more": {"deep": [{"er": "mailto:bob@example.com"}]}}},
    {"changes": {"address": [None, "GET https://api.example.com/users?email=bob%40example.com&page=1"]}},
    {"changes": {"body": [None, '{"emailAddress":"bob@example.com","number":"+18445551212"}']}},
    {"changes": {"name": [None, Personal("bob@example.com")]}},
]


def kept(**parts: Any) -> Event:
    """A line with these parts."""
    with transaction.atomic():
        return record(Verb.TENANT_CHANGED, parts.get("target", THING), ANN, tenant_id=TENANT, **_rest(parts))


def _rest(parts: dict[str, Any]) -> dict[str, Any]:
    return {name: part for name, part in parts.items() if name != "target"}


def read(event: Event) -> str:
    """What a page shows of it."""
    [line] = lines([Event.objects.get(chain=event.chain, seq=event.seq)])
    return f"{line.reason} {line.target} {line.raw_changes} {line.changes}"


@pytest.mark.parametrize("parts", PARTS)
def test_an_address_stands_in_no_byte_and_is_shown_until_it_is_erased(parts: dict[str, Any]) -> None:
    event = kept(**parts)
    assert b"bob" not in bytes(event.canonical).lower()
    assert BOB in read(event)
    assert PersonalText.objects.filter(text__icontains="bob").count() == 1
    assert verify_database().problems == []
    PersonalText.objects.filter(text=BOB).update(text=None, salt=None)
    assert ERASED in read(event)
    assert BOB not in read(event)
    assert problems() == []


@pytest.mark.parametrize("parts", PARTS)
def test_the_same_of_lines_that_are_written_together(parts: dict[str, Any]) -> None:
    line = NewEvent(Verb.TENANT_CHANGED, parts.get("target", THING), TENANT, **_rest(parts))
    with transaction.atomic():
        many = record_many([line] * 7, ANN)
    with transaction.atomic(), batch_events():
        many += record_many([line, NewEvent(Verb.TENANT_CHANGED, THING)], ANN)
    assert not [event for event in many if b"bob" in bytes(event.canonical).lower()]
    assert sum(BOB in read(event) for event in many) == 8
    assert verify_database().problems == []


def is_accepted(address: str) -> bool:
    """Whether a person, an invitation or an order may have this address."""
    try:
        check_email(address)
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize("sign", sorted({*string.printable, "é"}))
def test_an_address_that_is_accepted_anywhere_is_found_as_a_whole(sign: str) -> None:
    for address in (f"bob{sign}x@example.com", f"{sign}bob@example.com", f"bob{sign}@example.com", f"b@{sign}b.com"):
        if is_accepted(address):
            for text in (address, f"the order of {address}", f"{address}, administrator of Acme"):
                assert personal.texts_in(text) == {address.lower()}


@pytest.mark.parametrize(
    "odd", ["sales/emea@example.com", "a=b@example.com", '"bob"@example.com', "~@example.com", "bob%40x@example.com"]
)
def test_an_address_that_could_not_be_erased_is_refused(odd: str) -> None:
    with pytest.raises(ValidationError, match="could not be erased"):
        check_email(odd)


def test_a_name_that_is_marked_as_personal_is_a_commitment_as_a_whole() -> None:
    event = kept(changes={"name": [Personal("Bob's laptop"), Personal("")]})
    assert b"laptop" not in bytes(event.canonical)
    assert "Bob's laptop" in read(event)
    assert PersonalText.objects.filter(text="Bob's laptop").exists()


def test_a_line_without_personal_texts_is_written_as_it_is() -> None:
    changes = {"number": [None, "+1 844 555 1212"], "count": [1, 2], "url": ["https://a.example/", None]}
    assert not personal.concerns(changes, "Nothing of a person")
    event = kept(changes=changes, reason="A reason")
    assert b'"number":[null,"+1 844 555 1212"]' in bytes(event.canonical)


def test_nobody_forges_a_reference_by_typing_one() -> None:
    somebody = PersonalText.objects.get(pk=kept(reason="Nobody").actor_text)
    event = kept(reason=f"As [personal:{somebody.pk}] said, and [personal:{'0' * 64}]")
    assert personal.commitments_in(bytes(event.canonical)) == set()
    assert ANN.label not in read(event)
    assert verify_database().problems == []


def test_a_very_long_text_is_looked_through_quickly_and_cut_where_a_text_must_end() -> None:
    event = kept(reason="x" * 5_000 + " " + "b" * 300 + "@" + "e.example" * 50)
    assert b"e.example" not in bytes(event.canonical)
