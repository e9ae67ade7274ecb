"""Which outside system a path belongs to. A further system is one module and one line here."""

from portal.sandbox import nexus
from portal.sandbox.nexus import Nexus, Outcome, refusal
from portal.sandbox.wire import Request


class Router:
    """Passes each request to its system by the start of its path."""

    def __init__(self, nexus_system: Nexus) -> None:
        self._systems = ((nexus.PREFIX, nexus_system.handle),)

    def handle(self, request: Request) -> Outcome:
        """Let the system answer; 404 where there is none."""
        for prefix, handle in self._systems:
            if request.path.startswith(prefix):
                return handle(request)
        return Outcome(refusal(404, "The sandbox plays no system at this path."))
