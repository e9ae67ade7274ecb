"""A whole portal for a benchmark: its database, its desk, its workers and its web server, as in production."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from portal.devtools.services import commands, ports
from portal.devtools.services.processes import Child, Supervisor
from tests.support import environment
from tests.support.files import PROJECT


class Portal:
    """One portal on one database. It has the windows of production, not the short ones of the tests."""

    def __init__(self, name: str, database_url: str, folder: Path) -> None:
        self.name = name
        self._env = {key: value for key, value in os.environ.items() if key not in environment.SHORT_WINDOWS} | {
            "DJANGO_SETTINGS_MODULE": "portal.settings",
            "DATABASE_URL": database_url,
            "VAR_DIR": str(folder),
            "QUEUE_PREFIX": f"{name}-",
        }
        (folder / "static").mkdir(parents=True, exist_ok=True)
        self._parts = Supervisor(folder / "log")
        self._python("manage.py", "migrate", "--verbosity", "0")
        self._desk = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.desk"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=self._env,
            cwd=PROJECT,
            text=True,
        )

    def _python(self, *arguments: str) -> None:
        subprocess.run([sys.executable, *arguments], env=self._env, cwd=PROJECT, check=True)

    def ask(self, *command: Any) -> Any:
        """Have the desk do something; see `tests.bench.desk`."""
        assert self._desk.stdin is not None
        assert self._desk.stdout is not None
        self._desk.stdin.write(json.dumps(command) + "\n")
        self._desk.stdin.flush()
        answer = self._desk.stdout.readline()
        assert answer, f"the desk of {self.name} ended with {self._desk.wait()}; its error stands above"
        return json.loads(answer)

    @contextmanager
    def workers(self, processes: int, slots: int) -> Iterator[None]:
        """Run as many worker processes, each with as many threads."""
        workers = [self._worker(f"{self.name}{number}", slots) for number in range(processes)]
        try:
            self._parts.wait_until(lambda: all(" ready." in child.log.read_text() for child in workers), "the workers")
            yield
        finally:
            self._parts.stop()

    def _worker(self, name: str, slots: int) -> Child:
        return self._parts.start(name, [*commands.worker(name), "--concurrency", str(slots)], self._env)

    def serve(self) -> str:
        """Start the web server and return its address."""
        port = ports.free_port()
        self._parts.start("web", commands.web(port), self._env)
        self._parts.wait_until(lambda: ports.http_status(port) is not None, "the web server")
        return f"{ports.LOOPBACK}:{port}"

    def stop(self) -> None:
        """End all of it."""
        self._parts.stop()
        self._desk.communicate(timeout=10)  # closes its input, which ends it
