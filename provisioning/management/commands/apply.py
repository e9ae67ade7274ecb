"""`manage.py apply FILE`: tenants, set-ups and sender IDs from a YAML file."""

import sys
import uuid
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.accounts.models import User
from portal.accounts.permission import person
from portal.audit.actors import Actor, command_line
from portal.audit.context import acting
from provisioning.apply.checking import check
from provisioning.apply.problems import FileRefused
from provisioning.apply.results import REFUSED, Result
from provisioning.apply.whole import Applying


class Command(BaseCommand):
    """Checks the whole file, then brings about what it says; repeating it changes nothing."""

    help = "Sets up tenants from a YAML file. Exit code: 0 all done, 1 failed or differs, 2 refused, 3 not ended yet."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the file and how to go about it."""
        parser.add_argument("file", help="the YAML file; - reads it from the standard input")
        parser.add_argument("--dry-run", action="store_true", help="show the requests, send and write nothing")
        parser.add_argument("--inline", action="store_true", help="run in this process, without a broker")
        parser.add_argument("--wait", type=float, metavar="SECONDS", help="follow the set-ups for so long")
        parser.add_argument("--as", dest="user", metavar="USER", help="act with the rights of this person")

    def handle(self, *_: Any, **options: Any) -> None:
        """Apply the file; every failure that can be foreseen is one line."""
        actor = self._actor(options["user"])
        try:
            entries, warnings = check(_content(options["file"]))
        except FileRefused as refusal:
            for problem in refusal.problems:
                self.stderr.write(str(problem))
            raise CommandError(
                f"{len(refusal.problems)} problems in {options['file']}. Nothing was changed.", returncode=REFUSED
            ) from None
        for warning in warnings:
            self.stderr.write(f"{warning.path}, line {warning.line}: warning: {warning.sentence}")
        wait = options["wait"] if options["inline"] or options["wait"] is not None else 0.0
        with acting(f"apply-{uuid.uuid4().hex[:12]}"):
            applying = Applying(actor, self._say, inline=options["inline"], wait=wait)
            self._finish(applying.apply(entries))

    def _finish(self, result: Result) -> None:
        for line in [*result.wrong, *result.open]:
            self.stderr.write(line)
        counts = ", ".join(f"{count} {word}" for word, count in sorted(result.counts.items()))
        self._say(f"{counts or 'nothing to do'}.")
        if result.exit_code:
            sys.exit(result.exit_code)

    def _actor(self, user: str | None) -> Actor:
        if not user:
            return command_line()
        found = User.objects.filter(email=user.strip().lower()).first()
        if found is None:
            raise CommandError(f"Nobody signs in as {user}.", returncode=REFUSED)
        return person(found)

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


def _content(file: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise CommandError(f"{file}: {error.strerror}.", returncode=REFUSED) from error
