"""System protocol: what the sandbox requires of each system that it plays."""

from typing import NamedTuple, Protocol

from portal.devtools.sandbox.http1 import Answer, Request
from portal.devtools.sandbox.response_plan import Script


class Outcome(NamedTuple):
    """The answer of a system, and its effect (None: no effect).

    A `script` is played instead of the answer, for systems that give bad answers without a fault. `silent` means that
    it sends no status line.
    """

    answer: Answer
    effect: str | None = None
    script: Script | None = None
    silent: bool = False


class System(Protocol):
    """One system, or a part of one with its own paths."""

    def handle(self, request: Request) -> Outcome:
        """Answer one request."""

    def refusal(self, request: Request, status: int, message: str) -> Answer:
        """Return a refusal in the system's format, for a fault."""

    def fake_success(self, request: Request) -> Answer:
        """Return a success without any effect, for a fault that loses the effect."""

    def forget(self) -> None:
        """Return to the initial state and settings."""
