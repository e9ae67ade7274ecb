"""Fixtures of the way out: servers on loopback that say exactly these bytes, and requests to them."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, Any, Protocol

import pytest

from portal.http_client.destinations import Destination
from portal.http_client.messages import Request
from portal.http_client.session import _tls_context, close_sessions
from tests.portal.outbound.raw_server import RawServer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.portal.outbound.raw_server import Script


class Serve(Protocol):
    """Starts a server; each connection's requests get the scripts in turn, the last one for ever."""

    def __call__(self, *scripts: Script, certificate: Path | None = None) -> RawServer: ...


@pytest.fixture(autouse=True)
def _no_connection_outlives_its_test() -> Iterator[None]:
    close_sessions()
    yield
    close_sessions()


@pytest.fixture
def serve() -> Iterator[Serve]:
    servers: list[RawServer] = []

    def start(*scripts: Script, certificate: Path | None = None) -> RawServer:
        servers.append(RawServer(scripts, certificate))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


def post_to(url: str, **changes: Any) -> Request:
    """A plain POST to the test's server."""
    fields = {"destination": Destination.NEXUS, "purpose": "test", "method": "POST", "url": url, "json": {"a": 1}}
    return Request(**(fields | changes))


def get_from(url: str, **changes: Any) -> Request:
    """A plain GET from the test's server."""
    return post_to(url, method="GET", json=None, **changes)


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and a self-signed certificate for localhost and 127.0.0.1, in one file."""
    folder = tmp_path_factory.mktemp("tls")
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost"
    names = "subjectAltName=DNS:localhost,IP:127.0.0.1"
    files = ["-addext", names, "-keyout", str(folder / "key"), "-out", str(folder / "cert")]
    subprocess.run([*command.split(), *files], check=True, capture_output=True)
    both = folder / "both.pem"
    both.write_bytes((folder / "key").read_bytes() + (folder / "cert").read_bytes())
    return both


@pytest.fixture
def trusted(certificate: Path, settings: Any) -> Path:
    """The same certificate, trusted by the portal."""
    settings.OUTBOUND_CA_FILE = str(certificate)
    _tls_context.cache_clear()
    return certificate


@pytest.fixture
def short(settings: Any) -> float:
    """A total deadline of 0.6 s, far below the time-outs of connect and read; returns it."""
    settings.OUTBOUND_CONNECT_SECONDS = 10.0
    settings.OUTBOUND_READ_SECONDS = 10.0
    settings.OUTBOUND_TOTAL_SECONDS = 0.6
    return 0.6
