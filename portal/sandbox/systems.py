"""What each outside system is to the sandbox, and what comes out of one request."""

from typing import NamedTuple, Protocol

from portal.sandbox.script import Script
from portal.sandbox.wire import Answer, Request


class Outcome(NamedTuple):
    """What a system answers, and what the request changed in it (None: nothing).

    A `script` is played in the answer's place, for a system that answers badly by nature; `silent` says that
    it sends no status line.
    """

    answer: Answer
    effect: str | None = None
    script: Script | None = None
    silent: bool = False


class System(Protocol):
    """One outside system, or a part of one that has paths of its own."""

    def handle(self, request: Request) -> Outcome:
        """Answer one request."""

    def refusal(self, request: Request, status: int, message: str) -> Answer:
        """A refusal in the system's own form, for a fault that was asked for."""

    def pretence(self, request: Request) -> Answer:
        """A success that never happened, for a fault that loses the effect."""

    def forget(self) -> None:
        """A fresh start: no state, settings as they were."""
