"""Children that need not import the libraries first.

A worker, beat or web server spends half a second of CPU on importing libraries, and a run starts more than a hundred of
them. So one process (`python -m tests.support.preloaded`) imports the libraries once, and forks for each child. The
child is what the command would be, only sooner: it takes the environment that it is given, and reads the settings and
all of the portal itself.
"""

import atexit
import gc
import json
import os
import runpy
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import coverage

from portal.devtools.services.processes import Child
from portal.devtools.services.tied import tie
from tests.support.files import PROJECT

#: What the portal's processes import that needs no settings.
_LIBRARIES: Final = (
    *("celery.bin.celery", "celery.apps.worker", "celery.apps.beat", "celery.fixups.django", "celery.loaders.app"),
    *("celery.concurrency.prefork", "celery.concurrency.thread", "celery.worker.strategy", "kombu.transport.redis"),
    *("gunicorn.app.wsgiapp", "gunicorn.workers.gthread", "cryptography.x509", "environ", "fido2.server", "jwt"),
    *("orjson", "redis", "requests", "tink.aead", "django.core.cache.backends.redis", "django.core.handlers.wsgi"),
    *("django.core.management", "django.db.backends.sqlite3.base", "django.forms", "django.views.generic"),
)
#: How each command begins that can be started here.
_BY_MODULE: Final = [sys.executable, "-m"]


def can_start(command: Sequence[str]) -> bool:
    """Say whether the command is a module of Python's."""
    return list(command[: len(_BY_MODULE)]) == _BY_MODULE


def start(name: str, command: Sequence[str], *, logs: Path, env: Mapping[str, str]) -> Child:
    """Start a command as `portal.devtools.services.processes.start` does."""
    logs.mkdir(parents=True, exist_ok=True)
    log = logs / f"{name}.log"
    log.write_bytes(b"")  # before it is looked at
    parent = _parent()
    return Child(name, _Forked(parent, parent.ask([*command[len(_BY_MODULE) :]], str(log), dict(env))), log)


class _Forked:
    """A child's child, as `Popen` would show it."""

    def __init__(self, parent: "_Parent", pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._parent = parent

    def poll(self) -> int | None:
        """Look whether it has ended, and return its exit code then."""
        if self.returncode is None:
            self.returncode = self._parent.ask(self.pid)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait until it has ended; raises TimeoutExpired."""
        deadline = time.monotonic() + (float("inf") if timeout is None else timeout)
        while (code := self.poll()) is None:
            if time.monotonic() > deadline:
                raise subprocess.TimeoutExpired(str(self.pid), timeout or 0)
            time.sleep(0.01)
        return code


class _Parent:
    """The process that has imported the libraries, seen from the tests; it ends when they do."""

    def __init__(self) -> None:
        ours, its = socket.socketpair()
        with ours, its:
            self._process = subprocess.Popen(
                [*_BY_MODULE, __name__],
                stdin=its.fileno(),
                stdout=subprocess.DEVNULL,
                cwd=PROJECT,
                env={name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")},
                start_new_session=True,
            )
            self._lines = ours.makefile("rw")
        atexit.register(self.end)

    def ask(self, *question: Any) -> Any:
        """Send one line, and return what the answer says."""
        print(json.dumps(question), file=self._lines, flush=True)
        return json.loads(self._lines.readline())

    def end(self) -> None:
        """Hang up, which it takes for the end."""
        self._lines.close()
        self._process.wait()


@cache
def _parent() -> _Parent:
    return _Parent()


def _fork(lines: Any, arguments: list[str], log: str, env: dict[str, str]) -> int:
    parent = os.getpid()
    if child := os.fork():
        return child
    lines.close()
    os.setsid()
    tie(parent)
    os.environ.clear()
    os.environ.update(env)
    _redirect_to(log)
    coverage.process_startup()  # nothing, unless the environment asks for it
    sys.argv = arguments
    runpy.run_module(arguments[0], run_name="__main__", alter_sys=True)
    sys.exit()


def _redirect_to(log: str) -> None:
    for descriptor, path in ((0, os.devnull), (1, log), (2, log)):
        opened = os.open(path, os.O_RDWR | os.O_APPEND)
        os.dup2(opened, descriptor)
        os.close(opened)


def _code_of(pid: int) -> int | None:
    ended, status = os.waitpid(pid, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if ended else None


def main() -> None:
    """Import the libraries, then answer: to a start with the new child's id, to an id with its exit code or null."""
    tie(os.getppid())
    with socket.socket(fileno=os.dup(0)) as control:
        lines = control.makefile("rw")
    for library in _LIBRARIES:
        import_module(library)
    gc.freeze()  # or each child's collector would touch, and so copy, all of it
    for line in lines:
        question = json.loads(line)
        answer = _fork(lines, *question) if len(question) > 1 else _code_of(*question)
        print(json.dumps(answer), file=lines, flush=True)


if __name__ == "__main__":
    main()
