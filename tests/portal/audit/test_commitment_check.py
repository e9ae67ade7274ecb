"""What stands beside the chains is verified too: personal texts, their salts, and the marks of erasures."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction

from portal.audit import canonical, triggers
from portal.audit.actors import Actor, ActorKind, command_line
from portal.audit.commitment_check import CommitmentCheck
from portal.audit.context import acting
from portal.audit.event_lookup import fields
from portal.audit.integrity_check import verify_database
from portal.audit.models import SITE_CHAIN, Event, PersonalText
from portal.audit.verifier.verify import BROKEN
from portal.evidence.actions import erase
from portal.evidence.verify_history import verify_and_keep
from tests.portal.audit.conftest import ANN, append
from tests.portal.evidence.conftest import Witness
from tests.portal.evidence.conftest import anchored as anchored  # noqa: PLC0414 - a fixture of both rooms' tests
from tests.portal.evidence.conftest import witness as witness  # noqa: PLC0414 - the same
from tests.portal.evidence.packs import judged, made

pytestmark = pytest.mark.databases

Sql = Callable[..., int]
BOB = Actor(ActorKind.PERSON, "bob@example.com")
ADDRESS = "203.0.113.77"


@pytest.fixture
def sql(witness: Witness) -> Sql:
    """SQL of the owner of the tables, who puts the triggers back each time; Ann and Bob have acted, from an address."""
    with acting("a-click", ADDRESS):
        append(actor=BOB)

    def run(statement: str, *values: Any) -> int:
        triggers.drop(connection)
        with connection.cursor() as cursor:
            cursor.execute(statement, values)
            hit = int(cursor.rowcount)
        triggers.create(connection)
        return hit

    return run


def row(text: str) -> PersonalText:
    return PersonalText.objects.get(text=text)


def exchange_the_text(sql: Sql) -> str:
    sql("UPDATE audit_personaltext SET text = 'eve@example.com' WHERE text = %s", ANN.label)
    return "was exchanged"


def exchange_the_address(sql: Sql) -> str:
    sql("UPDATE audit_personaltext SET text = '198.51.100.1' WHERE text = %s", ADDRESS)
    return "was exchanged"


def exchange_the_case(sql: Sql) -> str:
    sql("UPDATE audit_personaltext SET text = 'Ann@example.com' WHERE text = %s", ANN.label)
    return "was exchanged"


def exchange_the_salt(sql: Sql) -> str:
    sql("UPDATE audit_personaltext SET salt = %s WHERE text = %s", b"0" * 16, ANN.label)
    return "was exchanged"


def empty_the_salt(sql: Sql) -> str:
    sql("UPDATE audit_personaltext SET salt = %s WHERE text = %s", b"", ANN.label)
    return "was exchanged"


def swap_two_people(sql: Sql) -> str:
    ann, bob = row(ANN.label), row(BOB.label)
    for text, salt, pk in (
        ("in between", b"", ann.pk),
        (ann.text, ann.salt, bob.pk),
        (bob.text, bob.salt, ann.pk),
    ):
        sql("UPDATE audit_personaltext SET text = %s, salt = %s WHERE commitment = %s", text, salt, pk)
    return "was exchanged"


def rename_the_commitment(sql: Sql) -> str:
    """A row that fits itself, in the place of the one that events name."""
    new = canonical.commit_to("eve@example.com", b"1" * 16)
    sql(
        "UPDATE audit_personaltext SET commitment = %s, text = 'eve@example.com', salt = %s WHERE text = %s",
        *(new, b"1" * 16, ANN.label),
    )
    return "is missing: event 1 of chain"


def lose_the_text_alone(sql: Sql) -> str:
    sql("UPDATE audit_personaltext SET text = NULL WHERE text = %s", ANN.label)
    return "has lost its text"


def lose_the_salt_alone(sql: Sql) -> str:
    sql("UPDATE audit_personaltext SET salt = NULL WHERE text = %s", ANN.label)
    return "has lost its salt"


def remove_a_row(sql: Sql) -> str:
    sql("DELETE FROM audit_personaltext WHERE text = %s", ADDRESS)
    return "is missing: event 1 of chain"


def add_a_row(sql: Sql) -> str:
    salt = canonical.new_salt()
    new = canonical.commit_to("eve@example.com", salt)
    sql("INSERT INTO audit_personaltext VALUES (%s, %s, 'eve@example.com', '')", new, salt)
    return "is named by no event"


def add_a_row_that_is_no_commitment(sql: Sql) -> str:
    sql("INSERT INTO audit_personaltext VALUES ('eve@example.com', NULL, NULL, 'eve@example.com')")
    return "is named by no event"


def erase_without_an_event(sql: Sql) -> str:
    sql("UPDATE audit_personaltext SET text = NULL, salt = NULL, erased_by = 'site #1' WHERE text = %s", ANN.label)
    return "was erased, and no event says so"


def mark_as_erased(sql: Sql) -> str:
    sql("UPDATE audit_personaltext SET erased_by = 'site #1' WHERE text = %s", ANN.label)
    return "is marked as erased, and is still there"


def undo_an_erasure(sql: Sql) -> str:
    kept = row(ANN.label)
    erase(command_line(), ANN.label, reason="asked to be forgotten")
    sql(
        "UPDATE audit_personaltext SET text = %s, salt = %s, erased_by = '' WHERE commitment = %s",
        *(kept.text, kept.salt, kept.pk),
    )
    return "is still there, and site #1 says that it was erased"


def remove_an_erased_row(sql: Sql) -> str:
    kept = row(ANN.label)
    erase(command_line(), ANN.label, reason="asked to be forgotten")
    sql("DELETE FROM audit_personaltext WHERE commitment = %s", kept.pk)
    return "is missing: event 1 of chain"


def blame_another_event(sql: Sql) -> str:
    erase(command_line(), ANN.label, reason="asked to be forgotten")
    sql("UPDATE audit_personaltext SET erased_by = 'site #99' WHERE text IS NULL")
    return "its row names another event"


ATTACKS = [
    exchange_the_text,
    exchange_the_address,
    exchange_the_case,
    exchange_the_salt,
    empty_the_salt,
    swap_two_people,
    rename_the_commitment,
    lose_the_text_alone,
    lose_the_salt_alone,
    remove_a_row,
    add_a_row,
    add_a_row_that_is_no_commitment,
    erase_without_an_event,
    mark_as_erased,
    undo_an_erasure,
    remove_an_erased_row,
    blame_another_event,
]


@pytest.mark.parametrize("attack_on_people", ATTACKS, ids=lambda each: each.__name__)
def test_an_attack_on_the_personal_texts_is_found(sql: Sql, attack_on_people: Callable[[Sql], str]) -> None:
    words = attack_on_people(sql)
    problems = verify_database().problems
    assert any(words in problem for problem in problems), problems
    assert "@example.com" not in " ".join(problems)  # they are chained, and nothing chained can be erased


def test_people_who_were_erased_by_their_event_are_no_problem(sql: Sql) -> None:
    for text in (ANN.label, ADDRESS):
        erase(command_line(), text, reason="asked to be forgotten")
    append()
    assert verify_database().problems == []


def test_emptying_every_address_by_sql_that_the_triggers_let_through_is_found(sql: Sql) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE audit_personaltext SET text = NULL, salt = NULL")
    problems = verify_database().problems
    assert len(problems) == PersonalText.objects.count()
    assert all("was erased, and no event says so" in problem for problem in problems)


def test_texts_and_erasures_that_come_while_the_events_are_read_are_no_problem(sql: Sql) -> None:
    problems: list[str] = []
    check = CommitmentCheck(problems.append)
    check.read_texts()
    append(actor=Actor(ActorKind.PERSON, "carol@example.com"))
    erase(command_line(), ANN.label, reason="asked to be forgotten")
    for event in Event.objects.order_by("pk"):
        check.see(event.chain, event.seq, fields(event), bytes(event.canonical))
    check.finish()
    assert problems == []


def test_a_name_that_was_exchanged_is_found_as_soon_as_by_a_pack(sql: Sql, witness: Witness) -> None:
    exchange_the_text(sql)
    assert not verify_database().whole
    assert judged(made(), witness.known).code == BROKEN


def test_an_event_whose_address_is_no_text_is_found(sql: Sql) -> None:
    event = Event.objects.latest("pk")
    body = fields(event) | {"address": 7}
    data = canonical.encode(body)
    digest = canonical.digest(data)
    sql("UPDATE audit_event SET canonical = %s, hash = %s WHERE id = %s", data, digest, event.pk)
    assert "its columns do not match its bytes" in " ".join(verify_database().problems)


def test_the_line_of_a_broken_history_repeats_no_name(sql: Sql) -> None:
    swap_two_people(sql)
    with transaction.atomic():
        verify_and_keep(command_line())
    assert b"example.com" not in bytes(Event.objects.filter(chain=SITE_CHAIN).latest("pk").canonical)
