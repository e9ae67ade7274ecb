"""System check of the audit trail's triggers (`manage.py check --database default`)."""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error
from django.db import connections

from portal.audit import triggers


def triggers_are_in_place(databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Return an error for missing or altered triggers (portal.audit.E001) and for foreign ones (E002)."""
    errors: list[CheckMessage] = []
    for alias in databases or []:
        connection = connections[alias]
        if triggers.TABLE not in connection.introspection.table_names():
            continue
        missing = triggers.names(connection) - triggers.present(connection)
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
            for problem in triggers.foreign(connection)
        ]
    return errors
