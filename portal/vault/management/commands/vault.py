"""`manage.py vault`: the keys of the vault."""

from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.audit.actors import command_line
from portal.local.secret_files import write_private
from portal.vault import rotation
from portal.vault.keyset import KeysetUnusable, new_keyset
from portal.vault.sealing import DoesNotOpen


class Command(BaseCommand):
    """`vault new-keyset --out FILE`, `vault status`, `vault rotate`."""

    help = "Looks after the vault's keys."
    requires_system_checks = []  # it must run before there is a keyset

    def add_arguments(self, parser: CommandParser) -> None:
        """Take one verb."""
        verbs = parser.add_subparsers(dest="verb", required=True, parser_class=ArgumentParser)
        new = verbs.add_parser("new-keyset", help="write a fresh keyset to a new file, mode 0600")
        new.add_argument("--out", type=Path, required=True)
        verbs.add_parser("status", help="say which key sealed how much")
        turn = verbs.add_parser("rotate", help="add a key, promote it, seal everything again, disable the older ones")
        turn.add_argument("--add-only", action="store_true", help="only add the key, to copy the file to all machines")

    def handle(self, *_: Any, **options: Any) -> None:
        """Run the verb; what a person can mend is one line, not a traceback."""
        verbs: dict[str, Callable[[], None]] = {
            "new-keyset": lambda: self.new_keyset(options["out"]),
            "status": self.status,
            "rotate": lambda: self.rotate(add_only=options["add_only"]),
        }
        try:
            verbs[options["verb"]]()
        except (KeysetUnusable, DoesNotOpen, rotation.NotAFile) as error:
            raise CommandError(str(error)) from error

    def new_keyset(self, out: Path) -> None:
        """Write a fresh keyset that only its owner can read."""
        try:
            out.parent.mkdir(parents=True, exist_ok=True)
            write_private(out, new_keyset())
        except OSError as error:
            if out.exists():
                there = f"{out} is there already. A keyset is never overwritten: its secrets would be lost."
                raise CommandError(there) from error
            raise CommandError(f"{out} cannot be written: {error.strerror}.") from error
        self.stdout.write(f"A new keyset is in {out}. Keep a copy apart from the database's.")

    def status(self) -> None:
        """Say for each key whether it opens and seals, and what lies under it."""
        counts = rotation.counts()
        for key, state in rotation.key_states().items():
            seals = "seals" if key == rotation.primary() else "opens" if state == "ENABLED" else "disabled"
            under = ", ".join(f"{label} {counter[key]}" for label, counter in counts.items())
            self.stdout.write(f"key {key}: {seals}; {under}")

    def rotate(self, *, add_only: bool) -> None:
        """Rotate while everything runs; run it again if it was interrupted."""
        if add_only:
            self.stdout.write(f"Key {rotation.add()} added. Copy the file to all machines, then rotate.")
            return
        for line in rotation.rotate(command_line()):
            self.stdout.write(line)
