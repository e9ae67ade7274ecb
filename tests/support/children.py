"""Child processes of a test run: started, killed, started again."""

import os
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from portal.devtools.services.processes import Child, start
from tests.support import environment, preloaded


class NotReady(AssertionError):
    """A child ended, or did not get ready in time."""


@dataclass
class Restartable:
    """A child that a test may kill and start again; `ready` says whether a started one can be used."""

    name: str
    command: Sequence[str]
    ready: Callable[[Child], bool]
    env: dict[str, str] = field(default_factory=dict)
    child: Child | None = None

    def start(self) -> None:
        """Start it, and wait until it is ready."""
        self.launch()
        self.wait_until_ready()

    def launch(self) -> None:
        """Start it, and do not wait; from the main thread, since a child is tied to the thread that started it."""
        begin = preloaded.start if preloaded.can_start(self.command) else start
        self.child = begin(self.name, self.command, logs=environment.root() / "log", env=os.environ | self.env)

    def wait_until_ready(self) -> None:
        """Wait until it can be used."""
        child = self.child
        assert child is not None
        wait_for(lambda: self._usable(child), f"{self.name} to be ready")

    def _usable(self, child: Child) -> bool:
        if not child.alive:
            raise NotReady(f"{self.name} ended with {child.process.returncode}:\n{self.output()}")
        return self.ready(child)

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self.child is not None and self.child.alive

    def ensure(self) -> None:
        """Start it unless it runs."""
        if not self.alive:
            self.start()

    def kill(self) -> None:
        """`kill -9`, together with all that it started."""
        if self.child is not None:
            self.child.kill()

    def stop(self) -> None:
        """End it in good order."""
        if self.child is not None:
            self.child.stop()

    def send_signal(self, number: signal.Signals) -> None:
        """Send a signal to it and all that it started, and wait for nothing."""
        if self.child is not None:
            self.child.signal_group(number)

    def exit_code(self, seconds: float) -> int:
        """Wait until it has ended by itself; raises TimeoutExpired."""
        assert self.child is not None
        return self.child.process.wait(seconds)

    @property
    def pid(self) -> int:
        """The process id of the running child."""
        assert self.child is not None
        return self.child.process.pid

    def output(self) -> str:
        """What it printed since its last start."""
        return self.child.log.read_text(errors="replace") if self.child else ""


def wait_for(condition: Callable[[], bool], what: str, seconds: float = 20) -> None:
    """Poll until `condition()` holds; raise NotReady when it does not within the time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise NotReady(f"waited {seconds:g} s for {what}")
        time.sleep(0.02)
