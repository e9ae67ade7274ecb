"""Triggers that make the history append-only, on SQLite and on PostgreSQL.

They stop this portal and every other writer short of the tables' owner, who can drop them; that is found by the
database check (`portal.audit.checks`) and against outside copies of the chain.
"""

from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper

TABLE = "audit_event"
_REFUSAL = "the history is append-only"

_SQLITE = {
    "audit_event_no_update": f"BEFORE UPDATE ON {TABLE} BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END",
    "audit_event_no_delete": f"BEFORE DELETE ON {TABLE} BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END",
    # INSERT OR REPLACE would overwrite a line through any of its unique keys.
    "audit_event_no_replace": f"BEFORE INSERT ON {TABLE} WHEN EXISTS (SELECT 1 FROM {TABLE} WHERE id = NEW.id "  # noqa: S608 - our own table's name
    f"OR (chain = NEW.chain AND seq = NEW.seq)) BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END",
}
_POSTGRESQL = {
    "audit_event_no_change": f"BEFORE UPDATE OR DELETE ON {TABLE} FOR EACH ROW EXECUTE FUNCTION audit_event_refuse()",
    "audit_event_no_truncate": f"BEFORE TRUNCATE ON {TABLE} FOR EACH STATEMENT EXECUTE FUNCTION audit_event_refuse()",
}
_POSTGRESQL_BODY = f" BEGIN RAISE EXCEPTION '{_REFUSAL}'; END "
_POSTGRESQL_FUNCTION = (
    f"CREATE OR REPLACE FUNCTION audit_event_refuse() RETURNS trigger LANGUAGE plpgsql AS $${_POSTGRESQL_BODY}$$"
)
# pg_trigger.tgtype, a sum of ROW 1, BEFORE 2, DELETE 8, UPDATE 16 and TRUNCATE 32.
_POSTGRESQL_TYPES = {"audit_event_no_change": 1 + 2 + 8 + 16, "audit_event_no_truncate": 2 + 32}


def names(connection: BaseDatabaseWrapper) -> set[str]:
    """Return the names of the triggers that must stand on this engine."""
    return set(_SQLITE if connection.vendor == "sqlite" else _POSTGRESQL)


def present(connection: BaseDatabaseWrapper) -> set[str]:
    """Return the names of the history's triggers that stand, are enabled, and do what they should.

    One that was replaced by a harmless trigger of the same name is not among them.
    """
    return _present_on_sqlite(connection) if connection.vendor == "sqlite" else _present_on_postgresql(connection)


def _present_on_sqlite(connection: BaseDatabaseWrapper) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s", [TABLE])
        return {name for name, sql in cursor.fetchall() if name in _SQLITE and sql == _sqlite_statement(name)}


def _present_on_postgresql(connection: BaseDatabaseWrapper) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname, tgtype FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid "
            "WHERE tgrelid = to_regclass(%s) AND tgenabled = 'A' AND tgqual IS NULL AND prosrc = %s",
            [TABLE, _POSTGRESQL_BODY],
        )
        return {name for name, kind in cursor.fetchall() if _POSTGRESQL_TYPES.get(name) == kind}


def _sqlite_statement(name: str) -> str:
    return f"CREATE TRIGGER {name} {_SQLITE[name]}"


def create(connection: BaseDatabaseWrapper) -> None:
    """Create the triggers that are missing or not as they should be."""
    missing = names(connection) - present(connection)
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            for name in sorted(missing):
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
                cursor.execute(_sqlite_statement(name))
            return
        cursor.execute(_POSTGRESQL_FUNCTION)
        for name in sorted(missing):
            cursor.execute(f"CREATE OR REPLACE TRIGGER {name} {_POSTGRESQL[name]}")
            # ALWAYS: otherwise `session_replication_role = replica` walks past it.
            cursor.execute(f"ALTER TABLE {TABLE} ENABLE ALWAYS TRIGGER {name}")


def drop(connection: BaseDatabaseWrapper) -> None:
    """Drop the triggers: for tests that empty the database between them, and for nothing else."""
    with connection.cursor() as cursor:
        for name in sorted(present(connection)):
            on_table = "" if connection.vendor == "sqlite" else f" ON {TABLE}"
            cursor.execute(f"DROP TRIGGER {name}{on_table}")


def create_after_migrate(using: str = DEFAULT_DB_ALIAS, **_: Any) -> None:
    """Restore the triggers after a migrate (receiver of `post_migrate`)."""
    connection = connections[using]
    if TABLE in connection.introspection.table_names():
        create(connection)
