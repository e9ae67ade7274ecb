"""`migrate`, which refuses a database from before 1.0.0 or from a newer version."""

from typing import Any

from django.core.management import CommandError
from django.core.management.commands import migrate
from django.db import connections

from portal.operations import old_database


class Command(migrate.Command):
    """Django's own command with one question before it.

    A receiver of `pre_migrate` would be too late: before, Django compares the history with the files, and fails with
    another reason. The system check alone is not enough: `call_command` runs none.
    """

    def execute(self, *args: Any, **options: Any) -> str | None:
        """Refuse the database in one sentence, or migrate it."""
        if problem := old_database.problem(connections[options["database"]]):
            raise CommandError(problem)
        return super().execute(*args, **options)
