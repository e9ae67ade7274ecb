"""Which outside system a path belongs to. A further system is one module and one line in `sandbox.py`."""

from portal.sandbox.systems import Outcome, System
from portal.sandbox.wire import Request


class Router:
    """Passes each request to its system by the start of its path; the last system has all that is left."""

    def __init__(self, *systems: tuple[str, System]) -> None:
        self._systems = systems

    def system(self, request: Request) -> System:
        """The system that the path belongs to."""
        for prefix, system in self._systems:
            if request.path.startswith(prefix):
                return system
        return self._systems[-1][1]

    def handle(self, request: Request) -> Outcome:
        """Let the system answer."""
        return self.system(request).handle(request)
