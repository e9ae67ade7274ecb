from collections.abc import Callable, Iterator

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from portal.audit.models import Checkpoint, Event, SignedHead
from tests.portal.audit.conftest import TENANT, append, problems

pytestmark = pytest.mark.databases

COLUMNS = (
    "chain, seq, prev, hash, canonical, at, verb, actor_kind, actor_id, actor_text, target_type, target_id, request_id"
)
sqlite_only = pytest.mark.skipif("connection.vendor != 'sqlite'", reason="speaks SQLite's SQL")
postgresql_only = pytest.mark.skipif("connection.vendor != 'postgresql'", reason="speaks PostgreSQL's SQL")


def refused(sql: str) -> bool:
    with (
        pytest.raises(DatabaseError, match="the history is append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql)
    return problems() == []


def test_an_update_by_sql_is_refused(chain: list[Event]) -> None:
    assert refused("UPDATE audit_event SET verb = 'x' WHERE seq = 3")


def test_an_update_that_changes_nothing_is_refused_too(chain: list[Event]) -> None:
    assert refused("UPDATE audit_event SET verb = verb")


@pytest.mark.parametrize(
    "change",
    [
        lambda event: event.save(),
        lambda event: event.delete(),
        lambda _: Event.objects.update(verb="x"),
        lambda _: Event.objects.all().delete(),
        lambda event: Event.objects.bulk_update([event], ["hash"]),
    ],
    ids=["save", "delete", "queryset update", "queryset delete", "bulk update"],
)
def test_every_way_of_the_orm_is_refused(chain: list[Event], change: Callable[[Event], object]) -> None:
    with pytest.raises(DatabaseError, match="the history is append-only"), transaction.atomic():
        change(chain[1])
    assert problems() == []


def test_a_delete_by_sql_is_refused(chain: list[Event]) -> None:
    assert refused("DELETE FROM audit_event WHERE seq = 5")


def test_appending_goes_on_after_a_refusal(chain: list[Event]) -> None:
    assert refused("DELETE FROM audit_event")
    assert append().seq == 6


@pytest.fixture
def _another_programs_settings(db: None) -> Iterator[None]:
    """As in a shell of SQLite: there a replaced row fires no trigger of its deletion."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA recursive_triggers = OFF")
        yield
        cursor.execute("PRAGMA recursive_triggers = ON")


@sqlite_only
@pytest.mark.usefixtures("_another_programs_settings")
def test_insert_or_replace_through_the_primary_key_is_refused(chain: list[Event]) -> None:
    assert refused(
        f"INSERT OR REPLACE INTO audit_event (id, {COLUMNS}) "  # noqa: S608 - our columns
        f"SELECT id, chain, 99, {COLUMNS.split(', ', 2)[2]} FROM audit_event WHERE seq = 2"
    )


@sqlite_only
@pytest.mark.usefixtures("_another_programs_settings")
def test_insert_or_replace_through_chain_and_number_is_refused(chain: list[Event]) -> None:
    assert refused(f"INSERT OR REPLACE INTO audit_event ({COLUMNS}) SELECT {COLUMNS} FROM audit_event WHERE seq = 2")  # noqa: S608 - our columns


@sqlite_only
def test_update_or_replace_is_refused(chain: list[Event]) -> None:
    assert refused("UPDATE OR REPLACE audit_event SET seq = 3 WHERE seq = 2")


@sqlite_only
def test_an_upsert_is_refused(chain: list[Event]) -> None:
    assert refused(
        f"INSERT INTO audit_event ({COLUMNS}) SELECT {COLUMNS} FROM audit_event WHERE seq = 2 "  # noqa: S608 - our columns
        "ON CONFLICT (chain, seq) DO UPDATE SET verb = 'x'"
    )


@postgresql_only
def test_an_upsert_is_refused_on_postgresql(chain: list[Event]) -> None:
    assert refused(
        f"INSERT INTO audit_event ({COLUMNS}) SELECT {COLUMNS} FROM audit_event WHERE seq = 2 "  # noqa: S608 - our columns
        "ON CONFLICT (chain, seq) DO UPDATE SET verb = 'x'"
    )


@postgresql_only
def test_truncate_is_refused(chain: list[Event]) -> None:
    assert refused("TRUNCATE audit_event")


@postgresql_only
@pytest.mark.parametrize(
    "sql", ["UPDATE audit_event SET verb = 'x'", "DELETE FROM audit_event", "TRUNCATE audit_event"]
)
def test_a_session_that_plays_replica_is_refused(chain: list[Event], sql: str) -> None:
    assert refused(f"SET LOCAL session_replication_role = replica; {sql}")


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE audit_chainhead SET seq = 3",
        "UPDATE audit_chainhead SET chain = 'site'",
        "DELETE FROM audit_chainhead",
        "UPDATE audit_personaltext SET text = 'bob@example.com'",
        "UPDATE audit_personaltext SET text = NULL",
        "UPDATE audit_personaltext SET text = NULL, salt = NULL, commitment = 'x'",
        "DELETE FROM audit_personaltext",
        "UPDATE audit_checkpoint SET number = 9",
        "UPDATE audit_signedhead SET seq = 9",
        "DELETE FROM audit_checkpoint",
        "DELETE FROM audit_signedhead",
    ],
)
def test_heads_only_move_on_texts_are_only_erased_and_what_was_signed_stays(chain: list[Event], sql: str) -> None:
    Checkpoint.objects.create(number=1, at=timezone.now(), hash="0" * 64, note=b"a note")
    SignedHead.objects.create(chain=str(TENANT), seq=5, hash=chain[4].hash, checkpoint=1)
    assert refused(sql)


@sqlite_only
@pytest.mark.usefixtures("_another_programs_settings")
@pytest.mark.parametrize(
    "sql",
    [
        "INSERT OR REPLACE INTO audit_checkpoint SELECT number, at, 'x', note FROM audit_checkpoint",
        "INSERT OR REPLACE INTO audit_signedhead SELECT id, chain, seq, 'x', checkpoint FROM audit_signedhead",
        "INSERT OR REPLACE INTO audit_personaltext SELECT commitment, salt, 'x', '' FROM audit_personaltext",
        "INSERT OR REPLACE INTO audit_personaltext SELECT 'x', salt, text, '' FROM audit_personaltext",
    ],
)
def test_nothing_that_was_signed_can_be_replaced(chain: list[Event], sql: str) -> None:
    test_heads_only_move_on_texts_are_only_erased_and_what_was_signed_stays(chain, sql)


@postgresql_only
@pytest.mark.parametrize("table", ["audit_checkpoint", "audit_signedhead", "audit_personaltext", "audit_chainhead"])
def test_no_table_of_the_history_is_truncated(chain: list[Event], table: str) -> None:
    assert refused(f"TRUNCATE {table}")
