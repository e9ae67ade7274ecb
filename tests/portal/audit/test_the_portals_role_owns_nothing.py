"""PostgreSQL with two roles, as docs/history.md describes them: one owns the tables, the portal is the other."""

import re
from collections.abc import Iterator

import pytest
from django.db import DatabaseError, connection, transaction

from portal.audit.models import Event
from portal.audit.recording import NewEvent, Target, record_many
from portal.audit.verbs import Verb
from tests.portal.audit.conftest import ANN, TENANT, append, problems
from tests.support.files import PROJECT

pytestmark = [
    pytest.mark.databases,
    pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has no roles"),
]


def _grants() -> list[str]:
    """The GRANTs and REVOKEs of the document."""
    [block] = re.findall(r"```sql\n(.*?)```", (PROJECT / "docs" / "history.md").read_text(), re.DOTALL)
    return [line for line in block.splitlines() if line.startswith(("GRANT", "REVOKE"))]


@pytest.fixture
def _as_the_portal(chain: list[Event]) -> Iterator[None]:
    """Be the portal's role for the rest of the test, which is one transaction."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE portal_app")
        for statement in _grants():
            cursor.execute(statement)
        cursor.execute("SET LOCAL ROLE portal_app")
        yield
        cursor.execute("RESET ROLE")


@pytest.mark.usefixtures("_as_the_portal")
def test_it_records_and_attacks_nothing(chain: list[Event]) -> None:
    assert append().seq == 6
    with transaction.atomic():
        record_many([NewEvent(Verb.TENANT_CHANGED, Target("tenant", "1", "Acme"), TENANT)], ANN)
    for attack in (
        "UPDATE audit_event SET verb = 'x'",
        "DELETE FROM audit_event",
        "TRUNCATE audit_event",
        "DROP TABLE audit_event",
        "DROP TRIGGER audit_event_no_change ON audit_event",
        "ALTER TABLE audit_event DISABLE TRIGGER ALL",
        "UPDATE audit_checkpoint SET number = 9",
        "DELETE FROM audit_signedhead",
        "DELETE FROM audit_chainhead",
        "DELETE FROM audit_personaltext",
        "SET LOCAL session_replication_role = replica",
        "CREATE OR REPLACE FUNCTION audit_event_refuse() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN NEW; END$$",
    ):
        with (
            pytest.raises(DatabaseError, match=r"permission denied|must be owner"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(attack)
    assert problems() == []
