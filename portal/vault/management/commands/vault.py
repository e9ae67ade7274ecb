"""`manage.py vault`: creates, inspects and rotates the vault's keys."""

from argparse import ArgumentParser
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from portal.audit.actors import command_line
from portal.core.secret_files import write_private
from portal.vault import keyset_check, keyset_file, rotation
from portal.vault.keyset import KeysetUnusable, new_keyset

#: Expected failures, reported as a one-line message.
REFUSALS = (
    KeysetUnusable,
    keyset_file.NotAFile,
    keyset_file.Busy,
    rotation.NothingToPromote,
    rotation.UnknownKeys,
)
_DOES = {rotation.ENABLED: "opens", rotation.DISABLED: "disabled"}


class Command(BaseCommand):
    """`vault new-keyset --out FILE`, `vault status`, `vault rotate`."""

    help = "Looks after the vault's keys."
    requires_system_checks = []  # it must also run before there is a keyset

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the subcommands."""
        verbs = parser.add_subparsers(dest="verb", required=True, parser_class=ArgumentParser)
        new = verbs.add_parser("new-keyset", help="write a fresh keyset to a new file, mode 0600")
        new.add_argument("--out", type=Path, required=True)
        verbs.add_parser("status", help="say which key sealed how much")
        turn = verbs.add_parser("rotate", help="add a key, promote it, seal everything again, disable the older ones")
        told = "seconds that all processes need to notice a changed file; more where it lies on a network"
        turn.add_argument("--grace", type=float, default=rotation.GRACE_SECONDS, help=told)
        only = turn.add_mutually_exclusive_group()
        for verb, told in (("add", "only add the key, to copy the file"), ("promote", "only promote the added key")):
            only.add_argument(f"--{verb}-only", dest="only", action="store_const", const=verb, help=told)

    def handle(self, *_: Any, **options: Any) -> None:
        """Run the subcommand; an expected failure is a one-line message, not a traceback."""
        verbs: dict[str, Callable[[], None]] = {
            "new-keyset": lambda: self.new_keyset(options["out"]),
            "status": self.status,
            "rotate": lambda: self.rotate(options["grace"]),
            "add": self.add,
            "promote": lambda: self.promote(options["grace"]),
        }
        try:
            verbs[options.get("only") or options["verb"]]()
        except REFUSALS as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}. The keyset is as it was.") from error
        except DatabaseError as error:
            what = f"The database does not take it ({type(error).__name__})."
            raise CommandError(f"{what} Run it again: it goes on where it ended.") from error

    def new_keyset(self, out: Path) -> None:
        """Write a new keyset that only its owner can read."""
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
        """Print the state of each key and how much it encrypts, and whether the keyset fits the database."""
        counts, states, primary = rotation.counts(), rotation.key_states(), rotation.primary()
        held = sum(counts.values(), Counter[int]())
        for key in [*states, *(held.keys() - states.keys())]:
            does = "seals" if key == primary else _DOES.get(states.get(key, ""), "not in this keyset")
            under = ", ".join(f"{label} {counter[key]}" for label, counter in counts.items())
            self.stdout.write(f"key {key}: {does}; {under}")
        for sentence in keyset_check.sentences():
            self.stdout.write(sentence)

    def add(self) -> None:
        """Add the key that the next rotation promotes."""
        key, is_new = rotation.add()
        said = f"Key {key} added." if is_new else f"Key {key} is there already."
        self.stdout.write(f"{said} Copy the file to all machines, then promote it on one of them: --promote-only.")

    def promote(self, grace: float) -> None:
        """Make the added key the primary one."""
        key = rotation.promote(command_line(), grace=grace)
        self.stdout.write(f"Key {key} promoted. Copy the file to all machines, then rotate.")

    def rotate(self, grace: float) -> None:
        """Rotate the keys while everything runs; a second run continues an interrupted one."""
        for line in rotation.rotate(command_line(), grace=grace):
            self.stdout.write(line)
            self.stdout.flush()  # it takes a while, and somebody may be watching
