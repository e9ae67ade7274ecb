"""The paths at which the sandbox plays nothing."""

from portal.sandbox.nexus_forms import refusal, success
from portal.sandbox.systems import Outcome
from portal.sandbox.wire import Answer, Request


class Nowhere:
    """Answers 404, in Nexus' form for want of its own."""

    def handle(self, request: Request) -> Outcome:  # noqa: ARG002 - a system's signature
        """There is nothing."""
        return Outcome(refusal(404, "The sandbox plays no system at this path."))

    def refusal(self, request: Request, status: int, message: str) -> Answer:  # noqa: ARG002 - the same
        """As Nexus would."""
        return refusal(status, message)

    def pretence(self, request: Request) -> Answer:  # noqa: ARG002 - the same
        """As Nexus would."""
        return success(201, {})

    def forget(self) -> None:
        """Nothing to forget."""
