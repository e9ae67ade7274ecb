"""`manage.py apply FILE`: sets up tenants, set-ups and sender IDs from a YAML file."""

import logging
import sys
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from portal.accounts.models import User
from portal.accounts.permission import person
from portal.audit.actors import Actor, command_line
from portal.audit.context import acting
from portal.core.logging.redaction import redacted
from provisioning.bulk.dry_run import rehearse
from provisioning.bulk.entries import Entry
from provisioning.bulk.importer import SetupImporter
from provisioning.bulk.permissions import namesakes, refusals
from provisioning.bulk.problems import FileRefused, Problem
from provisioning.bulk.progress import REFUSED, WRONG, Result
from provisioning.bulk.validation import check

#: A file with a thousand literal secrets needs no more warnings than this.
_MOST_WARNINGS = 20


class Command(BaseCommand):
    """Checks the whole file, then makes the changes that it asks for. A second run changes nothing."""

    help = "Sets up tenants from a YAML file. Exit code: 0 all done, 1 failed or differs, 2 refused, 3 not ended yet."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the file and the options."""
        parser.add_argument("file", help="the YAML file; - reads it from the standard input")
        parser.add_argument("--dry-run", action="store_true", help="show the requests, send and write nothing")
        parser.add_argument("--inline", action="store_true", help="run in this process, without a broker")
        parser.add_argument("--wait", type=_seconds, metavar="SECONDS", help="follow the set-ups for so long")
        parser.add_argument("--as", dest="user", metavar="USER", help="act with the rights of this person")
        parser.add_argument("--replace", action="store_true", help="send services again whose values differ")

    def handle(self, *_: Any, **options: Any) -> None:
        """Apply the file; every expected failure is a one-line message."""
        try:
            with acting(f"apply-{uuid.uuid4().hex[:12]}"), _quiet_log(options["verbosity"]):
                result = self._apply(options)
        except FileRefused as refusal:
            self._tell(map(str, refusal.problems))
            summary = f"{options['file']}: {len(refusal.problems)} problems, nothing was changed."
            raise CommandError(summary, returncode=REFUSED) from None
        except DatabaseError as error:
            raise CommandError(f"The database does not take it: {redacted(str(error))}.", returncode=WRONG) from None
        except KeyboardInterrupt:
            raise CommandError("Interrupted. Apply the file again to go on.", returncode=WRONG) from None
        self._tell([*result.wrong, *result.open])
        self._say(f"{'Would be: ' if options['dry_run'] else ''}{result}")
        if result.exit_code:
            sys.exit(result.exit_code)

    def _apply(self, options: dict[str, Any]) -> Result:
        entries, warnings = check(_content(options["file"]))
        self._bring_database_up_to_date()
        actor = self._actor(options["user"])
        if problems := refusals(actor, entries):
            raise FileRefused(problems)
        self._warn([*warnings, *namesakes(actor, entries)])
        if options["dry_run"]:
            return rehearse(entries, self._say, replace=options["replace"])
        return self._carry_out(actor, entries, options)

    def _carry_out(self, actor: Actor, entries: list[Entry], options: dict[str, Any]) -> Result:
        inline, wait = options["inline"], options["wait"]
        # Through the queue the duration is unknown, so without --wait the command does not wait at all.
        seconds = wait if wait is not None or inline else 0.0
        applying = SetupImporter(actor, self._say, inline=inline, wait=seconds, replace=options["replace"])
        return applying.apply(entries)

    def _bring_database_up_to_date(self) -> None:
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if plan and settings.PRODUCTION:
            raise CommandError("The database is not up to date. Run manage.py migrate first.", returncode=REFUSED)
        if plan:
            self._tell([f"Bringing the database up to date: {len(plan)} migrations."])
            call_command("migrate", verbosity=0, interactive=False)

    def _actor(self, user: str | None) -> Actor:
        if not user:
            return command_line()
        found = User.objects.filter(email=user.strip().lower()).first()
        if found is None:
            raise CommandError(f"Nobody signs in as {user}.", returncode=REFUSED)
        return person(found)

    def _warn(self, warnings: list[Problem]) -> None:
        self._tell(f"warning: {each}" for each in warnings[:_MOST_WARNINGS])
        if more := len(warnings[_MOST_WARNINGS:]):
            self._tell([f"warning: and {more} more."])

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()  # so that a reader behind a pipe can follow it live

    def _tell(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.stderr.write(line)


@contextmanager
def _quiet_log(verbosity: int) -> Iterator[None]:
    """Suppress the log message for each request, because the command prints a line for each step."""
    log = logging.getLogger("portal.http_client")
    before = log.level
    if verbosity <= 1:
        log.setLevel(logging.WARNING)
    try:
        yield
    finally:
        log.setLevel(before)


def _content(file: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise CommandError(f"{file}: {error.strerror}.", returncode=REFUSED) from error


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 <= seconds < float("inf"):
        raise ValueError(text)
    return seconds
