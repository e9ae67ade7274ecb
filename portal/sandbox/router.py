"""Router: selects the system by path. A new system is one module and one line in the sandbox's constructor."""

from portal.sandbox.systems import Outcome, System
from portal.sandbox.wire import Request


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
