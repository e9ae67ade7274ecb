"""Triggers that are gone, disabled, altered or joined by others: the check and the verification both say so."""

import pytest
from django.db import connection

from portal.audit import triggers
from portal.audit.integrity_check import verify_database
from tests.portal.audit.test_a_missing_trigger_is_named_and_restored import check, migrate, run
from tests.portal.audit.test_triggers_keep_the_history_append_only import postgresql_only, sqlite_only

pytestmark = pytest.mark.databases


def problems() -> str:
    return "\n".join(verify_database().problems)


def test_a_database_whose_triggers_stand_has_no_problem(db: None) -> None:
    assert verify_database().problems == []


def test_every_trigger_that_is_dropped_is_found(db: None) -> None:
    triggers.drop(connection)
    found = verify_database().problems
    assert len(found) == len(triggers.names(connection))
    assert all(f"The trigger {name} is missing" in "\n".join(found) for name in triggers.names(connection))
    triggers.create(connection)
    assert verify_database().problems == []


ON_SQLITE = {
    "altered": (
        [
            "DROP TRIGGER audit_personaltext_erase_only",
            "CREATE TRIGGER audit_personaltext_erase_only BEFORE UPDATE ON audit_personaltext BEGIN SELECT 1; END",
        ],
        "The trigger audit_personaltext_erase_only is altered",
    ),
    "joined by another": (
        [
            (
                "CREATE TRIGGER helpful AFTER INSERT ON audit_event BEGIN "
                "UPDATE audit_chainhead SET hash = 'x' WHERE chain = NEW.chain; END"
            ),
        ],
        "helpful is not the portal's",
    ),
}


@sqlite_only
@pytest.mark.parametrize("how", ON_SQLITE)
def test_what_was_done_to_the_triggers_of_sqlite_is_found(db: None, how: str) -> None:
    statements, words = ON_SQLITE[how]
    run(*statements)
    assert words in problems()
    assert words.split()[-3] in check()


_HARMLESS = "CREATE FUNCTION harmless() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$"
_NO_CHANGE = "audit_event_no_change"
ON_POSTGRESQL = {
    "disabled": ([f"ALTER TABLE audit_event DISABLE TRIGGER {_NO_CHANGE}"], f"The trigger {_NO_CHANGE} is disabled"),
    "all disabled": (
        ["ALTER TABLE audit_personaltext DISABLE TRIGGER ALL"],
        "audit_personaltext_erase_only is disabled",
    ),
    "users' disabled": (
        ["ALTER TABLE audit_checkpoint DISABLE TRIGGER USER"],
        "audit_checkpoint_no_change is disabled",
    ),
    "passed by in replicas": (
        [f"ALTER TABLE audit_event ENABLE TRIGGER {_NO_CHANGE}"],
        f"The trigger {_NO_CHANGE} is disabled",
    ),
    "in replicas only": (
        [f"ALTER TABLE audit_event ENABLE REPLICA TRIGGER {_NO_CHANGE}"],
        f"The trigger {_NO_CHANGE} is disabled",
    ),
    "harmless": (
        [
            (
                "CREATE OR REPLACE FUNCTION audit_personaltext_guard() RETURNS trigger LANGUAGE plpgsql AS "
                "$$ BEGIN RETURN NEW; END $$"
            ),
        ],
        "The trigger audit_personaltext_erase_only is altered",
    ),
    "of one column only": (
        [
            (
                f"CREATE OR REPLACE TRIGGER {_NO_CHANGE} BEFORE UPDATE OF seq OR DELETE ON audit_event "
                "FOR EACH ROW EXECUTE FUNCTION audit_event_refuse()"
            ),
            f"ALTER TABLE audit_event ENABLE ALWAYS TRIGGER {_NO_CHANGE}",
        ],
        f"The trigger {_NO_CHANGE} is altered",
    ),
    "joined by another": (
        [_HARMLESS, "CREATE TRIGGER helpful BEFORE INSERT ON audit_event FOR EACH ROW EXECUTE FUNCTION harmless()"],
        "helpful is not the portal's",
    ),
    "joined by one of the same name": (
        [
            _HARMLESS,
            f"CREATE TRIGGER {_NO_CHANGE} BEFORE INSERT ON audit_personaltext FOR EACH ROW EXECUTE FUNCTION harmless()",
        ],
        f"The trigger {_NO_CHANGE} is disabled",
    ),
    "passed by with a rule": (
        ["CREATE RULE swallowed AS ON INSERT TO audit_event DO INSTEAD NOTHING"],
        "swallowed is not the portal's",
    ),
    "passed by for this session": (["SET LOCAL session_replication_role = replica"], "session_replication_role is set"),
    "passed by for a role": (
        ["ALTER ROLE CURRENT_USER SET session_replication_role = replica"],
        "session_replication_role is set",
    ),
}


@postgresql_only
@pytest.mark.parametrize("how", ON_POSTGRESQL)
def test_what_was_done_to_the_triggers_of_postgresql_is_found(db: None, how: str) -> None:
    statements, words = ON_POSTGRESQL[how]
    run(*statements)
    assert words in problems()
    assert "portal.audit.E00" in check()


@postgresql_only
def test_migrate_enables_what_was_disabled(db: None) -> None:
    run(f"ALTER TABLE audit_event DISABLE TRIGGER {_NO_CHANGE}")
    migrate()
    assert verify_database().problems == []
