from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import connection

from portal.audit import triggers
from tests.portal.audit.test_triggers_keep_the_history_append_only import postgresql_only, sqlite_only

pytestmark = pytest.mark.databases

FIRST = {"sqlite": "audit_event_no_update", "postgresql": "audit_event_no_change"}
DROP = {
    "sqlite": "DROP TRIGGER audit_event_no_update",
    "postgresql": "DROP TRIGGER audit_event_no_change ON audit_event",
}


def check() -> str:
    """What `manage.py check --database default` complains about."""
    try:
        call_command("check", databases=["default"], stdout=StringIO(), stderr=StringIO())
    except SystemCheckError as error:
        return str(error)
    return ""


def migrate() -> None:
    call_command("migrate", verbosity=0, interactive=False)


def run(*statements: str) -> None:
    with connection.cursor() as cursor:
        for sql in statements:
            cursor.execute(sql)


def test_the_check_is_silent_while_all_triggers_stand(db: None) -> None:
    assert check() == ""


def test_a_dropped_trigger_is_named_with_what_to_do(db: None) -> None:
    run(DROP[connection.vendor])
    complaint = check()
    assert f"The history in 'default' is not guarded: {FIRST[connection.vendor]} missing." in complaint
    assert "manage.py migrate" in complaint
    assert "portal.audit.E001" in complaint


def test_migrate_restores_a_dropped_trigger(db: None) -> None:
    run(DROP[connection.vendor])
    migrate()
    assert check() == ""
    assert triggers.present(connection) == triggers.names(connection)


@sqlite_only
def test_a_harmless_trigger_of_the_same_name_counts_as_missing(db: None) -> None:
    run(
        "DROP TRIGGER audit_event_no_update",
        "CREATE TRIGGER audit_event_no_update BEFORE UPDATE ON audit_event BEGIN SELECT 1; END",
    )
    assert "audit_event_no_update" in check()
    migrate()
    assert check() == ""


_ALWAYS = "ALTER TABLE audit_event ENABLE ALWAYS TRIGGER audit_event_no_change"
WEAKENED = {
    "disabled": ["ALTER TABLE audit_event DISABLE TRIGGER audit_event_no_change"],
    "asleep in replicas": ["ALTER TABLE audit_event ENABLE TRIGGER audit_event_no_change"],
    "harmless": [
        """CREATE OR REPLACE FUNCTION audit_event_refuse() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RETURN NEW; END $$""",
    ],
    "deletes only": [
        """CREATE OR REPLACE TRIGGER audit_event_no_change BEFORE DELETE ON audit_event
        FOR EACH ROW EXECUTE FUNCTION audit_event_refuse()""",
        _ALWAYS,
    ],
    "on a condition": [
        """CREATE OR REPLACE TRIGGER audit_event_no_change BEFORE UPDATE OR DELETE ON audit_event
        FOR EACH ROW WHEN (OLD.seq < 0) EXECUTE FUNCTION audit_event_refuse()""",
        _ALWAYS,
    ],
}


@postgresql_only
@pytest.mark.parametrize("how", WEAKENED)
def test_a_weakened_trigger_counts_as_missing(db: None, how: str) -> None:
    run(*WEAKENED[how])
    assert "audit_event_no_change" in check()
    migrate()
    assert check() == ""
