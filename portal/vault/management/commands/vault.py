"""`manage.py vault`: the keyset of the vault."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.local.secret_files import write_private
from portal.vault.keyset import new_keyset


class Command(BaseCommand):
    """`vault new-keyset --out FILE` writes a fresh keyset that only its owner can read."""

    help = "Looks after the vault's keyset."
    requires_system_checks = []  # it must run before there is a keyset

    def add_arguments(self, parser: CommandParser) -> None:
        """Take one verb."""
        verbs = parser.add_subparsers(dest="verb", required=True)
        new = verbs.add_parser("new-keyset", help="write a fresh keyset to a new file, mode 0600")
        new.add_argument("--out", type=Path, required=True)

    def handle(self, *_: Any, **options: Any) -> None:
        """Run the verb."""
        out: Path = options["out"]
        try:
            out.parent.mkdir(parents=True, exist_ok=True)
            write_private(out, new_keyset())
        except FileExistsError as error:
            raise CommandError(
                f"{out} is there already. A keyset is never overwritten: its secrets would be lost."
            ) from error
        except OSError as error:
            raise CommandError(f"{out} cannot be written: {error.strerror}.") from error
        self.stdout.write(f"A new keyset is in {out}. Keep a copy apart from the database's.")
