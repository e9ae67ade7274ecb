"""Supervisor of child processes: starts them one by one, watches them, and stops them together.

Each child leads its own process group. So its own children stop with it, and Ctrl-C in the terminal reaches only the
supervisor. A child's output goes to `NAME.log`, which keeps the console quiet.
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
_PROJECT = Path(__file__).resolve().parents[3]
_POLL_SECONDS = 0.05


class ChildFailed(Exception):
    """A child exited by itself or was not ready in time; the text is one line for a person."""


class Ended(BaseException):
    """SIGINT or SIGTERM was received. A BaseException, so that no handler catches it by accident."""


class Process(Protocol):
    """The part of `Popen` that the supervisor needs."""

    @property
    def pid(self) -> int:
        """Return the process id."""

    @property
    def returncode(self) -> int | None:
        """Return the exit code, None if unknown; negative for the signal that ended the process."""

    def poll(self) -> int | None:
        """Return the exit code if the process has exited, else None."""

    def wait(self, timeout: float | None = None) -> int:
        """Wait until the process has exited. Raises TimeoutExpired."""


@dataclass(frozen=True)
class Child:
    """A running command and the file with its output."""

    name: str
    process: Process
    log: Path

    @property
    def alive(self) -> bool:
        """Return whether the command is running."""
        return self.process.poll() is None

    def signal_group(self, number: signal.Signals) -> None:
        """Send a signal to the child's process group."""
        with contextlib.suppress(ProcessLookupError, PermissionError):  # macOS answers EPERM for zombies
            os.killpg(self.process.pid, number)

    def kill(self) -> None:
        """Kill the process group (`kill -9`) and wait for the child."""
        self.signal_group(signal.SIGKILL)
        self.process.wait()

    def stop(self, seconds: float = 10) -> None:
        """Terminate the child, and kill it if that takes longer than `seconds`."""
        self.signal_group(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(seconds)
        self.kill()  # also after a normal exit, because its own children may be left

    def last_line(self) -> str:
        """Return the last line of output, for error messages."""
        lines = self.log.read_text(errors="replace").split("\n")
        return next((line.strip() for line in reversed(lines) if line.strip()), "it printed nothing")


def start(name: str, command: Sequence[str], *, logs: Path, env: Mapping[str, str] | None = None) -> Child:
    """Start a command whose life is tied to this process; output goes to `logs/NAME.log`.

    `env` is the complete environment.
    """
    logs.mkdir(parents=True, exist_ok=True)
    log = logs / f"{name}.log"
    tied = [sys.executable, "-I", "-S", str(_TIED), str(os.getpid()), *command]
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 - our own fixed commands, no shell
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
    """Children that run and stop together; as a context manager it stops them on every exit."""

    def __init__(self, logs: Path) -> None:
        self.logs = logs
        self.children: list[Child] = []

    def start(self, name: str, command: Sequence[str], env: Mapping[str, str] | None = None) -> Child:
        """Start another child; `env` is its complete environment."""
        child = start(name, command, logs=self.logs, env=env)
        self.children.append(child)
        return child

    def watch(self) -> None:
        """Raise ChildFailed if a child has exited."""
        for child in self.children:
            if not child.alive:
                raise ChildFailed(
                    f"{child.name} ended with {child.process.returncode}: {child.last_line()} ({child.log})"
                )

    def wait_until(self, ready: Callable[[], bool], what: str, seconds: float = 30) -> None:
        """Poll until `ready()` is true. Raises ChildFailed if a child exits or the time is up."""
        deadline = time.monotonic() + seconds
        while not ready():
            self.watch()
            if time.monotonic() > deadline:
                raise ChildFailed(f"{what} took longer than {seconds:g} s; see {self.logs}")
            time.sleep(_POLL_SECONDS)

    def stop(self, seconds: float = 10) -> None:
        """Stop all children: terminate all, wait for each, then kill those that remain."""
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
    """Turn the first SIGINT or SIGTERM into Ended; ignore later ones, which would interrupt the clean-up.

    They stay ignored afterwards: the process is about to exit, and must do so with its own exit code.
    """
    numbers = (signal.SIGINT, signal.SIGTERM)

    def end(number: int, _frame: FrameType | None) -> None:
        for each in numbers:
            signal.signal(each, signal.SIG_IGN)
        raise Ended(signal.Signals(number).name)

    before = {number: signal.signal(number, end) for number in numbers}
    try:
        yield
    finally:
        if signal.getsignal(signal.SIGTERM) is end:
            for number, handler in before.items():
                signal.signal(number, handler)
