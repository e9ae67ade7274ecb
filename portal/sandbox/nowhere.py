"""Fallback system for paths that belong to no other: answers 404."""

from portal.sandbox.nexus_forms import refusal, success
from portal.sandbox.systems import Outcome
from portal.sandbox.wire import Answer, Request


class Nowhere:
    """Answers 404 in Nexus' format, for lack of one of its own."""

    def handle(self, request: Request) -> Outcome:  # noqa: ARG002 - part of the System protocol
        """Answer 404."""
        return Outcome(refusal(404, "The sandbox plays no system at this path."))

    def refusal(self, request: Request, status: int, message: str) -> Answer:  # noqa: ARG002 - the same
        """Refuse in Nexus' format."""
        return refusal(status, message)

    def pretence(self, request: Request) -> Answer:  # noqa: ARG002 - the same
        """Answer a success in Nexus' format."""
        return success(201, {})

    def forget(self) -> None:
        """Do nothing, because there is no state."""
