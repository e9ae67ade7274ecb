"""Refusal of a database from before 1.0.0, or from a newer version: it has migrations of ours that have no file here.

The migrations were made anew for 1.0.0, so the migrations of such a database and ours do not fit together. `migrate`
(`portal.operations.management.commands.migrate`) and `manage.py check --database default` refuse it.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.loader import MigrationLoader

from portal import VERSION

#: The folders of our apps. Migrations of other apps do not count: an app that was removed leaves its own behind.
_FOLDERS = ("portal", "provisioning", "numbers")
#: What two of our apps were called before 1.0.0.
_FORMER_LABELS = frozenset({"outbound", "notices"})


def problem(connection: BaseDatabaseWrapper) -> str:
    """Return in a sentence why the database cannot be used and what to do, or an empty text."""
    loader = MigrationLoader(connection)
    labels = _FORMER_LABELS | _labels()
    unknown = sorted(key for key in set(loader.applied_migrations) - set(loader.disk_migrations) if key[0] in labels)
    if not unknown:
        return ""
    more = f" and {len(unknown) - 1} more" if len(unknown) > 1 else ""
    return (
        f"The database {str(connection.settings_dict['NAME'])!r} has migrations that version {VERSION} does not have "
        f"({'.'.join(unknown[0])}{more}), so it is from before 1.0.0 or from a newer version: make a new database "
        "(nothing was released before 1.0.0) or install the newer version."
    )


def database_fits(databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Return an error for each database of another time (portal.operations.E001)."""
    found = [problem(connections[alias]) for alias in databases or []]
    return [Error(sentence, id="portal.operations.E001") for sentence in found if sentence]


def _labels() -> set[str]:
    folders = [Path(settings.BASE_DIR) / name for name in _FOLDERS]
    return {app.label for app in apps.get_app_configs() if any(Path(app.path).is_relative_to(each) for each in folders)}
