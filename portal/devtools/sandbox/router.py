"""Router: selects the system by path. A new system is one module and one line in the sandbox's constructor."""

from portal.devtools.sandbox.http1 import Answer, Request
from portal.devtools.sandbox.nexus_forms import refusal, success
from portal.devtools.sandbox.systems import Outcome, System


class Router:
    """Passes each request to a system by path prefix; the last system gets everything else."""

    def __init__(self, *systems: tuple[str, System]) -> None:
        self._systems = systems

    def system(self, request: Request) -> System:
        """Return the system of a path."""
        for prefix, system in self._systems:
            if request.path.startswith(prefix):
                return system
        return self._systems[-1][1]

    def handle(self, request: Request) -> Outcome:
        """Let the system answer."""
        return self.system(request).handle(request)


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
