"""`manage.py history`: checkpoints, integrity check, evidence packs and erasure."""

import sys
from argparse import ArgumentParser
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from portal.audit.actors import command_line
from portal.audit.checkpoints import folder, keys, signing
from portal.audit.verifier import verify
from portal.core.secret_files import write_private
from portal.evidence.actions import chains_of, erase, export
from portal.evidence.anchoring import anchor
from portal.evidence.forms import days
from portal.evidence.models import Anchoring
from portal.evidence.pack_contents import NothingToPack, TooLarge
from portal.evidence.verify_history import verify_and_keep
from portal.tenants.lookup import tenant_called
from portal.tenants.models import Tenant

#: Errors that the user can fix; each is shown as one line.
REFUSALS = (keys.KeyUnusable, folder.FolderTrouble, NothingToPack, TooLarge)


class Command(BaseCommand):
    """`history new-key`, `rotate-key`, `checkpoint`, `verify`, `export`, `erase`."""

    help = "Proves the history: checkpoints, verification, evidence packs."
    requires_system_checks = []  # it must run before there is a key

    def add_arguments(self, parser: CommandParser) -> None:
        """Add one subcommand per verb."""
        verbs = parser.add_subparsers(dest="verb", required=True, parser_class=ArgumentParser)
        new = verbs.add_parser("new-key", help="write a fresh key for checkpoints to a new file, mode 0600")
        new.add_argument("--out", type=Path, required=True)
        verbs.add_parser("rotate-key", help="let a new key sign; one checkpoint says so, signed by both")
        verbs.add_parser("checkpoint", help="sign a checkpoint now, and bring it to the folder")
        verbs.add_parser("verify", help="verify the whole database; exits with 0 whole, 1 broken, 2 unusable")
        pack = verbs.add_parser("export", help="write an evidence pack")
        pack.add_argument("--out", type=Path, required=True)
        pack.add_argument("--tenant", action="append", metavar="CCID[@HOST]", help="without it: all, and the site's")
        pack.add_argument("--from", type=date.fromisoformat, dest="begin", metavar="DATE", help="the first day, UTC")
        pack.add_argument("--to", type=date.fromisoformat, dest="end", metavar="DATE", help="the last day, UTC")
        gone = verbs.add_parser("erase", help="erase a person's address from the history; every chain stays whole")
        gone.add_argument("text", metavar="EMAIL")
        gone.add_argument("--reason", required=True)

    def handle(self, *_: Any, **options: Any) -> None:
        """Run the verb; an error that the user can fix is one line, not a traceback."""
        verbs: dict[str, Callable[..., None]] = {
            "new-key": self.new_key,
            "rotate-key": self.rotate_key,
            "checkpoint": self.checkpoint,
            "verify": self.verify,
            "export": self.export,
            "erase": self.erase,
        }
        try:
            verbs[options["verb"]](options)
        except REFUSALS as error:
            raise CommandError(str(error)) from error
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        except verify.Broken as error:
            raise CommandError(f"The last checkpoint was tampered with: {error}. Run `history verify`.") from error
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}.") from error

    def new_key(self, options: dict[str, Any]) -> None:
        """Write a new key to a file that only its owner can read."""
        out: Path = options["out"]
        out.parent.mkdir(parents=True, exist_ok=True)
        if out.exists():
            raise CommandError(f"{out} is there already. A key is never overwritten: its checkpoints need it.")
        text = keys.new_key_text()
        write_private(out, text)
        self.stdout.write(
            f"A new key is in {out}. Tell the auditors its fingerprint:\n{keys.parse(text).key.fingerprint}"
        )

    def rotate_key(self, _options: dict[str, Any]) -> None:
        """Rotate the signing key."""
        made = signing.rotate(command_line())
        self._say_trouble()
        fingerprint = signing.read(made).next_key.fingerprint
        self.stdout.write(f"Checkpoint {made.number} names the new key. Tell the auditors:\n{fingerprint}")

    def checkpoint(self, _options: dict[str, Any]) -> None:
        """Sign a checkpoint, even if nothing moved."""
        made = anchor(even_if_quiet=True)
        self._say_trouble(anchored=False)
        if made is not None:
            self.stdout.write(f"Checkpoint {made.number} of {signing.as_time(made.at)}, {made.hash}")

    def _say_trouble(self, *, anchored: bool = True) -> None:
        if anchored:
            anchor()
        state = Anchoring.objects.filter(pk=1).first()
        if state is not None and state.trouble:
            raise CommandError(state.trouble)

    def verify(self, _options: dict[str, Any]) -> None:
        """Check the whole database, and exit with the verifier's exit code."""
        try:
            found = verify_and_keep(command_line())
        except DatabaseError as error:
            self.stderr.write(f"CANNOT BE JUDGED: the database does not answer ({type(error).__name__}).")
            sys.exit(verify.UNUSABLE)
        for problem in found.problems:
            self.stdout.write(problem)
        last = f"the last of {found.last.time}" if found.last else "none yet"
        self.stdout.write(
            f"{'WHOLE' if found.whole else 'BROKEN'}: {found.events} events in {found.chains} chains, "
            f"{found.checkpoints} checkpoints ({last}), {found.in_folder} of them compared with the folder outside."
        )
        if folder.path() is None:
            self.stdout.write("NOT ANCHORED: CHECKPOINT_FOLDER names no folder.")
        if not found.whole:
            sys.exit(verify.BROKEN)

    def export(self, options: dict[str, Any]) -> None:
        """Write a pack, and show the progress on a terminal."""
        tenants, wanted = Tenant.objects.all(), options["tenant"]
        if wanted:
            tenants = tenants.filter(pk__in=[tenant_called(each, tenants).pk for each in wanted])
        chains = chains_of(tenants, site=not wanted)
        period = days(options["begin"], options["end"])
        selection = export(command_line(), chains, period, options["out"], self._tell)
        anchor()
        closed = f"closed by checkpoint {selection.closing.number} of {signing.as_time(selection.closing.at)}"
        self.stdout.write(f"{options['out']}: {selection.events} events in {len(selection.chains)} chains, {closed}.")

    def _tell(self, done: int, events: int) -> None:
        if self.stderr.isatty():
            self.stderr.write(f"\r{done} of {events} events", ending="\n" if done == events else "")
            self.stderr.flush()

    def erase(self, options: dict[str, Any]) -> None:
        """Erase a text."""
        line = erase(command_line(), options["text"], reason=options["reason"])
        self.stdout.write(f"Erased, as {line} tells. Packs that were made before still hold it.")
