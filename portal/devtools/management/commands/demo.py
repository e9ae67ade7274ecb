"""`manage.py demo`: runs all parts on this machine, with set-ups through the queue. `make demo` calls it."""

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from portal.accounts.rights import Role
from portal.devtools.demo import parts, record, story
from portal.devtools.demo.parts import Addresses
from portal.devtools.demo.people import sign_in_of
from portal.devtools.demo.printing import StoryFailed
from portal.devtools.services import ports
from portal.devtools.services.processes import ChildFailed, Ended, Supervisor, ending_signals
from portal.devtools.services.redis import NoRedis

_WANTED_PORT = 8000
_HIGHEST_PORT = 65_535
_WATCH_SECONDS = 0.5


class Command(BaseCommand):
    """Runs the demo until Ctrl-C; with `--exit` it ends once all set-ups have succeeded."""

    help = "Runs everything on this machine, and one set-up through the queue. PORT names the wanted port."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Add `--exit`."""
        parser.add_argument("--exit", action="store_true", help="end when all has succeeded")

    def handle(self, *_: Any, **options: Any) -> None:
        """Run the demo; every expected failure is a one-line message."""
        ends_by_itself: bool = options["exit"]
        os.umask(0o077)  # only the owner may read the demo's files
        if settings.PRODUCTION:
            raise CommandError("The demo runs in development only; PORTAL_ENV says production.")
        try:
            with ending_signals():
                self._run(settings.VAR_DIR, ends_by_itself=ends_by_itself)
        except Ended as signal:
            if ends_by_itself:
                raise CommandError(f"{signal} ended the demo before its end.") from None
            self._say("The demo has ended.")
        except (NoRedis, ChildFailed, StoryFailed) as failure:
            raise CommandError(str(failure)) from failure
        except DatabaseError as failure:
            raise CommandError(f"The database does not take it: {failure}.") from failure
        except OSError as failure:
            raise CommandError(f"{failure.filename or settings.VAR_DIR}: {failure.strerror}.") from failure

    def _run(self, var: Path, *, ends_by_itself: bool) -> None:
        with _alone(var), Supervisor(var / "log") as supervisor:
            web_port = self._web_port()
            self._migrate()
            self._say(f"Starting Redis, the sandbox, web, worker and beat; they write to {supervisor.logs}.")
            sandbox_port = ports.wanted_or_free(record.earlier_sandbox_port(var / "demo.json"))
            addresses = parts.start(supervisor, var, web_port=web_port, sandbox_port=sandbox_port)
            story.tell(addresses.sandbox, self._say, supervisor.wait_until)
            record.write(var / "demo.json", addresses)
            self._introduce(addresses)
            if not ends_by_itself:
                self._say("Ctrl-C ends it.")
                _stay(supervisor)

    def _web_port(self) -> int:
        wanted = _wanted_port()
        port = ports.wanted_or_free(wanted)
        if wanted not in {0, port}:
            self._say(f"Port {wanted} is taken; the portal takes port {port} instead.")
        return port

    def _migrate(self) -> None:
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if plan:
            self._say(f"Bringing the database up to date: {len(plan)} migrations.")
            call_command("migrate", verbosity=0, interactive=False)
        connection.close()

    def _introduce(self, addresses: Addresses) -> None:
        self._say(f"\nThe portal is at {addresses.url} — sign in as")
        for role in Role:
            sign_in = sign_in_of(role)
            self._say(f"  {role.value:<15} {sign_in.email:<28} {sign_in.password}")
        self._say(f"The sandbox, which stands in for Nexus, is at {addresses.sandbox}.")

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()  # so that a reader behind a pipe can follow it live


def _wanted_port() -> int:
    text = os.environ.get("PORT") or str(_WANTED_PORT)
    if not text.isdecimal() or int(text) > _HIGHEST_PORT:
        raise CommandError(f"PORT is {text!r}; it must be a number from 0 to {_HIGHEST_PORT}.")
    return int(text)


@contextlib.contextmanager
def _alone(var: Path) -> Iterator[None]:
    """Hold the demo's lock: two demos would corrupt one database and one Redis file."""
    var.mkdir(parents=True, exist_ok=True)
    with (var / "demo.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise CommandError(f"A demo runs already; {var / 'demo.json'} says where.") from error
        yield


def _stay(supervisor: Supervisor) -> None:
    while True:
        supervisor.watch()
        time.sleep(_WATCH_SECONDS)
