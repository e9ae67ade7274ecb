"""The supervisor: child processes that start one by one, are watched together and end together.

Each child leads a process group of its own, so that its own children end with it and a Ctrl-C of the terminal
reaches only the supervisor. What a child prints goes to `NAME.log`, so the console stays calm.
"""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, TracebackType
from typing import Protocol, Self

_TIED = Path(__file__).with_name("tied.py")
_PROJECT = Path(__file__).resolve().parents[2]
_POLL_SECONDS = 0.05


class ChildFailed(Exception):
    """A child ended by itself, or did not get ready in time; the text is one line for a person."""


class Ended(BaseException):
    """SIGINT or SIGTERM asked for the end. Not an Exception: nobody may handle it by accident."""


class Process(Protocol):
    """What is asked of a running command; a `Popen` answers it."""

    @property
    def pid(self) -> int:
        """Its process id."""

    @property
    def returncode(self) -> int | None:
        """Its exit code as far as known; minus the signal that ended it."""

    def poll(self) -> int | None:
        """Look whether it has ended, and return its exit code then."""

    def wait(self, timeout: float | None = None) -> int:
        """Wait until it has ended; raises TimeoutExpired."""


@dataclass(frozen=True)
class Child:
    """One running command, with the file in which its output stands."""

    name: str
    process: Process
    log: Path

    @property
    def alive(self) -> bool:
        """Whether the command still runs."""
        return self.process.poll() is None

    def signal_group(self, number: signal.Signals) -> None:
        """Send a signal to the child and to all that it started."""
        with contextlib.suppress(ProcessLookupError, PermissionError):  # macOS answers EPERM for zombies
            os.killpg(self.process.pid, number)

    def kill(self) -> None:
        """End it the hard way (`kill -9`), with all that it started, and wait until it is gone."""
        self.signal_group(signal.SIGKILL)
        self.process.wait()

    def stop(self, seconds: float = 10) -> None:
        """Ask it to end, and end it the hard way when that takes longer than `seconds`."""
        self.signal_group(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(seconds)
        self.kill()  # also after a good end: what it started may be left

    def last_line(self) -> str:
        """The last line it printed, for error messages."""
        lines = self.log.read_text(errors="replace").split("\n")
        return next((line.strip() for line in reversed(lines) if line.strip()), "it printed nothing")


def start(name: str, command: Sequence[str], *, logs: Path, env: Mapping[str, str] | None = None) -> Child:
    """Start a command, tied to this process, its output in `logs/NAME.log`; `env` is all its environment."""
    logs.mkdir(parents=True, exist_ok=True)
    log = logs / f"{name}.log"
    tied = [sys.executable, "-I", "-S", str(_TIED), str(os.getpid()), *command]
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 - fixed commands of ours, no shell
            tied,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=env,
            cwd=_PROJECT,
            start_new_session=True,
        )
    return Child(name, process, log)


class Supervisor:
    """Children that live and end together; as a context manager it ends them, however the block is left."""

    def __init__(self, logs: Path) -> None:
        self.logs = logs
        self.children: list[Child] = []

    def start(self, name: str, command: Sequence[str], env: Mapping[str, str] | None = None) -> Child:
        """Start one more child; `env` is all of its environment."""
        child = start(name, command, logs=self.logs, env=env)
        self.children.append(child)
        return child

    def watch(self) -> None:
        """Raise ChildFailed when a child has ended, which none should before all do."""
        for child in self.children:
            if not child.alive:
                raise ChildFailed(
                    f"{child.name} ended with {child.process.returncode}: {child.last_line()} ({child.log})"
                )

    def wait_until(self, ready: Callable[[], bool], what: str, seconds: float = 30) -> None:
        """Poll until `ready()`; raise ChildFailed when a child ends meanwhile or the time is over."""
        deadline = time.monotonic() + seconds
        while not ready():
            self.watch()
            if time.monotonic() > deadline:
                raise ChildFailed(f"{what} took longer than {seconds:g} s; see {self.logs}")
            time.sleep(_POLL_SECONDS)

    def stop(self, seconds: float = 10) -> None:
        """End all children: ask all at once, wait for each, then kill what is left."""
        for child in reversed(self.children):
            child.signal_group(signal.SIGTERM)
        deadline = time.monotonic() + seconds
        for child in reversed(self.children):
            child.stop(max(0.0, deadline - time.monotonic()))
        self.children.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.stop()


@contextlib.contextmanager
def ending_signals() -> Iterator[None]:
    """Turn the first SIGINT or SIGTERM into Ended; later ones are ignored: they would cut the clean-up."""
    numbers = (signal.SIGINT, signal.SIGTERM)

    def end(number: int, _frame: FrameType | None) -> None:
        for each in numbers:
            signal.signal(each, signal.SIG_IGN)
        raise Ended(signal.Signals(number).name)

    before = {number: signal.signal(number, end) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
