"""Database triggers that make the audit trail append-only, on SQLite and PostgreSQL.

Events, checkpoints and signed heads cannot be changed at all; a personal text can only be erased, and a chain's head
only moves forward. The triggers stop the portal and every other writer except the owner of the tables, who can drop
them. The database check (`portal.audit.triggers`) and checkpoints outside the database detect that (`docs/history.md`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.checks import CheckMessage, Error
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper

TABLE = "audit_event"

_REFUSAL = "the history is append-only"

#: Tables without updates, each with the condition under which an INSERT would overwrite a row.
_APPEND_ONLY = {
    TABLE: "id = NEW.id OR (chain = NEW.chain AND seq = NEW.seq)",
    "audit_checkpoint": "number = NEW.number",
    "audit_signedhead": "id = NEW.id OR (chain = NEW.chain AND seq = NEW.seq)",
}

_TEXTS, _HEADS = "audit_personaltext", "audit_chainhead"

_TABLES = (*_APPEND_ONLY, _TEXTS, _HEADS)

#: The permitted updates of a personal text and of a head; all others are refused.
_ERASES = "NEW.text IS NULL AND NEW.salt IS NULL AND NEW.commitment = OLD.commitment AND OLD.erased_by = ''"

_MOVES_ON = "NEW.chain = OLD.chain AND NEW.seq >= OLD.seq"


@dataclass(frozen=True)
class _Sqlite:
    table: str
    when: str

    def statement(self, name: str) -> str:
        return f"CREATE TRIGGER {name} {self.when} BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"


@dataclass(frozen=True)
class _Postgresql:
    """`function` is the trigger function's name.

    `kind` is pg_trigger.tgtype: ROW 1, BEFORE 2, DELETE 8, UPDATE 16, TRUNCATE 32.
    """

    table: str
    when: str
    function: str
    kind: int

    def statement(self, name: str) -> str:
        return f"CREATE OR REPLACE TRIGGER {name} {self.when} EXECUTE FUNCTION {self.function}()"


def _on_sqlite() -> dict[str, _Sqlite]:
    found = {}
    for table, same in _APPEND_ONLY.items():
        found[f"{table}_no_update"] = _Sqlite(table, f"BEFORE UPDATE ON {table}")
        # INSERT OR REPLACE would overwrite an event through any of its unique keys.
        exists = f"EXISTS (SELECT 1 FROM {table} WHERE {same})"  # noqa: S608 - our own names
        found[f"{table}_no_replace"] = _Sqlite(table, f"BEFORE INSERT ON {table} WHEN {exists}")
    exists = f"EXISTS (SELECT 1 FROM {_TEXTS} WHERE commitment = NEW.commitment OR text = NEW.text)"  # noqa: S608 - the same
    found[f"{_TEXTS}_no_replace"] = _Sqlite(_TEXTS, f"BEFORE INSERT ON {_TEXTS} WHEN {exists}")
    found[f"{_TEXTS}_erase_only"] = _Sqlite(_TEXTS, f"BEFORE UPDATE ON {_TEXTS} WHEN NOT ({_ERASES})")
    found[f"{_HEADS}_only_on"] = _Sqlite(_HEADS, f"BEFORE UPDATE ON {_HEADS} WHEN NOT ({_MOVES_ON})")
    for table in _TABLES:
        found[f"{table}_no_delete"] = _Sqlite(table, f"BEFORE DELETE ON {table}")
    return found


def _on_postgresql() -> dict[str, _Postgresql]:
    found = {}
    for table in _APPEND_ONLY:
        when = f"BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW"
        found[f"{table}_no_change"] = _Postgresql(table, when, "audit_event_refuse", 1 + 2 + 8 + 16)
    for table, function, name in (
        (_TEXTS, "audit_personaltext_guard", "erase_only"),
        (_HEADS, "audit_chainhead_guard", "only_on"),
    ):
        update, delete = f"BEFORE UPDATE ON {table} FOR EACH ROW", f"BEFORE DELETE ON {table} FOR EACH ROW"
        found[f"{table}_{name}"] = _Postgresql(table, update, function, 1 + 2 + 16)
        found[f"{table}_no_delete"] = _Postgresql(table, delete, "audit_event_refuse", 1 + 2 + 8)
    for table in _TABLES:
        when = f"BEFORE TRUNCATE ON {table} FOR EACH STATEMENT"
        found[f"{table}_no_truncate"] = _Postgresql(table, when, "audit_event_refuse", 2 + 32)
    return found


def _guard(allowed: str) -> str:
    return f" BEGIN IF NOT ({allowed}) THEN RAISE EXCEPTION '{_REFUSAL}'; END IF; RETURN NEW; END "


_SQLITE, _POSTGRESQL = _on_sqlite(), _on_postgresql()

_BODIES = {
    "audit_event_refuse": f" BEGIN RAISE EXCEPTION '{_REFUSAL}'; END ",
    "audit_personaltext_guard": _guard(_ERASES),
    "audit_chainhead_guard": _guard(_MOVES_ON),
}


def names(connection: BaseDatabaseWrapper) -> set[str]:
    """Return the names of the triggers that this engine needs."""
    return set(_SQLITE if connection.vendor == "sqlite" else _POSTGRESQL)


def present(connection: BaseDatabaseWrapper) -> set[str]:
    """Return the names of the triggers that exist, are enabled, and have the right definition.

    A trigger that was replaced by a harmless one of the same name is not included.
    """
    states = _states(connection)
    return {name for name in names(connection) if states.get(name) == _STANDS}


def problems(connection: BaseDatabaseWrapper) -> list[str]:
    """Return a sentence for each problem that keeps the triggers of this database from working."""
    states = _states(connection)
    own = [
        f"The trigger {name} is {states.get(name, 'missing')}: the history of this database is not guarded."
        for name in sorted(names(connection))
        if states.get(name) != _STANDS
    ]
    return own + foreign(connection)


def foreign(connection: BaseDatabaseWrapper) -> list[str]:
    """Return a sentence for each foreign trigger, rule or setting that can bypass our triggers."""
    found = [
        f"The trigger or rule {name} is not the portal's: it can change or swallow what the history is given."
        for name in sorted(_states(connection).keys() - names(connection))
    ]
    if connection.vendor == "postgresql" and _replicates(connection):
        found.append("session_replication_role is set: sessions of this database pass by its constraints and triggers.")
    return found


_STANDS = "in place"


def _states(connection: BaseDatabaseWrapper) -> dict[str, str]:
    """Return the state of each trigger on the audit tables, including foreign ones."""
    return _states_on_sqlite(connection) if connection.vendor == "sqlite" else _states_on_postgresql(connection)


def _states_on_sqlite(connection: BaseDatabaseWrapper) -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger'")
        rows = cursor.fetchall()
    wanted = {(name, each.table, each.statement(name)) for name, each in _SQLITE.items()}
    return {
        row[0]: _STANDS if tuple(row) in wanted else "altered"
        for row in rows
        if row[0] in _SQLITE or row[1].lower() in _TABLES
    }


#: tgattr: the columns of an UPDATE OF; 'A' is ENABLE ALWAYS; D, O and R are skipped in some or all sessions.
_ON_POSTGRESQL = """
SELECT tgname, relname, tgtype, prosrc, tgenabled::text, tgqual IS NULL AND tgattr::text = ''
FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid JOIN pg_class ON pg_class.oid = tgrelid
WHERE NOT tgisinternal AND tgrelid = to_regclass(relname) AND relname = ANY(%s)
"""

_RULES = "SELECT rulename FROM pg_rules WHERE to_regclass(tablename) IS NOT NULL AND tablename = ANY(%s)"


def _states_on_postgresql(connection: BaseDatabaseWrapper) -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute(_RULES, [[*_TABLES]])
        states = {rule: "a rule" for (rule,) in cursor.fetchall()}
        cursor.execute(_ON_POSTGRESQL, [[*_TABLES]])
        rows = cursor.fetchall()
    wanted = {(name, each.table, each.kind, _BODIES[each.function]) for name, each in _POSTGRESQL.items()}
    for name, table, kind, body, enabled, whole in rows:
        state = _STANDS if (name, table, kind, body) in wanted and whole else "altered"
        if states.get(name, _STANDS) == _STANDS:  # two triggers on two tables can have one name; the altered one counts
            states[name] = state if enabled == "A" else "disabled"
    return states


def _replicates(connection: BaseDatabaseWrapper) -> bool:
    """Return whether sessions of this database, or of one of its roles, skip ordinary triggers."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('session_replication_role') <> 'origin' OR EXISTS (SELECT 1 "
            "FROM pg_db_role_setting, unnest(setconfig) setting WHERE setting LIKE 'session_replication_role=%' "
            "AND setting <> 'session_replication_role=origin' AND setdatabase IN "
            "(0, (SELECT oid FROM pg_database WHERE datname = current_database())))"
        )
        return bool(cursor.fetchone()[0])


def create(connection: BaseDatabaseWrapper) -> None:
    """Create the triggers that are missing or altered."""
    missing = names(connection) - present(connection)
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            for name in sorted(missing):
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
                cursor.execute(_SQLITE[name].statement(name))
            return
        for function, body in _BODIES.items():
            cursor.execute(f"CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $${body}$$")
        for name in sorted(missing):
            cursor.execute(_POSTGRESQL[name].statement(name))
            # ALWAYS: otherwise `session_replication_role = replica` would bypass it.
            cursor.execute(f"ALTER TABLE {_POSTGRESQL[name].table} ENABLE ALWAYS TRIGGER {name}")


def drop(connection: BaseDatabaseWrapper) -> None:
    """Drop the triggers; only for tests that empty the database."""
    with connection.cursor() as cursor:
        for name in sorted(present(connection)):
            on_table = "" if connection.vendor == "sqlite" else f" ON {_POSTGRESQL[name].table}"
            cursor.execute(f"DROP TRIGGER {name}{on_table}")


def create_after_migrate(using: str = DEFAULT_DB_ALIAS, **_: Any) -> None:
    """Restore the triggers after a migrate (receiver of `post_migrate`), unless their tables do not all exist yet."""
    connection = connections[using]
    if {*_TABLES} <= set(connection.introspection.table_names()):
        create(connection)


def triggers_are_in_place(databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Return an error for missing or altered triggers (portal.audit.E001) and for foreign ones (E002)."""
    errors: list[CheckMessage] = []
    for alias in databases or []:
        connection = connections[alias]
        if TABLE not in connection.introspection.table_names():
            continue
        missing = names(connection) - present(connection)
        if missing:
            errors.append(
                Error(
                    f"The history in {alias!r} is not guarded: {', '.join(sorted(missing))} missing.",
                    hint="Run `manage.py migrate`: it creates them again. Then ask who dropped them.",
                    id="portal.audit.E001",
                )
            )
        errors += [
            Error(
                f"The history in {alias!r} is not guarded: {problem}",
                hint="Find out who put it there, and take it away as the owner of the tables.",
                id="portal.audit.E002",
            )
            for problem in foreign(connection)
        ]
    return errors
