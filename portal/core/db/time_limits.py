"""PostgreSQL timeouts: statements of pages and tasks are limited, migrations are not.

The limits are set after connecting and not as a startup parameter: PgBouncer refuses those, and they would replace the
`options` in DATABASE_URL. A limit that is already in these options is kept.
"""

from typing import Any

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

LIMITS = {"statement_timeout": "15s", "idle_in_transaction_session_timeout": "30s"}


def set_after_connecting(connection: BaseDatabaseWrapper, **_: Any) -> None:
    """Set the limits on a new connection."""
    named = str(connection.settings_dict["OPTIONS"].get("options", "")).replace("-", "_")
    _set(connection, {name: value for name, value in LIMITS.items() if name not in named})


def lift_for_migrate(using: str, **_: Any) -> None:
    """Lift the limits for migrations: an index on a large table takes minutes."""
    _set(connections[using], dict.fromkeys(LIMITS, "0"))


def limit_after_migrate(using: str, **_: Any) -> None:
    """Set the limits again for the rest of this process, as on a new connection."""
    connection = connections[using]
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("; ".join(f"RESET {name}" for name in LIMITS))
    set_after_connecting(connection)


def _set(connection: BaseDatabaseWrapper, limits: dict[str, str]) -> None:
    if connection.vendor == "postgresql" and limits:
        with connection.cursor() as cursor:
            parts = ", ".join(["set_config(%s, %s, false)"] * len(limits))
            cursor.execute(f"SELECT {parts}", [text for pair in limits.items() for text in pair])
