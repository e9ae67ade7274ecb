"""Redis is reached over TLS only if its certificate is its own, by every part that speaks to it."""

import json
import ssl
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.core.cache import cache
from pytest_django import Settings
from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError

from portal.devtools.services import ports
from portal.devtools.services.redis import EmbeddedRedis
from portal.operations import health
from portal.settings.redis_address import RedisAddress, read_address
from tests.portal.test_wake_ups_never_delay_the_caller import run
from tests.support import environment, forged
from tests.support.children import NotReady, Restartable, wait_for
from tests.support.services import StartWorker
from tests.support.tcp_proxy import TcpProxy

TASK = "portal.notifications.tasks.mail"


def certificate(folder: Path, names: str) -> Path:
    """A key and a certificate for these names that is its own authority, in one file."""
    folder.mkdir()
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=redis"
    files = ["-addext", f"subjectAltName={names}", "-keyout", str(folder / "key"), "-out", str(folder / "cert")]
    subprocess.run([*command.split(), *files], check=True, capture_output=True)
    both = folder / "both.pem"
    both.write_bytes((folder / "key").read_bytes() + (folder / "cert").read_bytes())
    return both


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("redis-tls")
    return {
        "right": certificate(folder / "right", "IP:127.0.0.1"),
        "another authority": certificate(folder / "other", "IP:127.0.0.1"),
        "another name": certificate(folder / "name", "DNS:elsewhere.example"),
    }


@pytest.fixture
def encrypted(redis: Redis, certificates: dict[str, Path]) -> Iterator[Callable[[str, str], RedisAddress]]:
    """The run's Redis behind TLS: it shows one certificate, and the portal trusts one."""
    proxies: list[TcpProxy] = []

    def address(shown: str, trusted: str) -> RedisAddress:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificates[shown])
        proxies.append(TcpProxy(environment.redis().port, context))
        url = f"rediss://:{environment.redis().password}@{ports.LOOPBACK}:{proxies[-1].port}/0"
        return read_address(url, str(certificates[trusted]) if trusted else "")

    yield address
    for proxy in proxies:
        proxy.stop()


def use(settings: Settings, address: RedisAddress) -> None:
    settings.REDIS_URL, settings.REDIS_TLS = address.url, address.tls
    options = {"socket_connect_timeout": 2, "socket_timeout": 2, **address.tls}
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": [address.url], "OPTIONS": options}}


def environment_of(address: RedisAddress) -> dict[str, str]:
    authority = address.tls.get("ssl_ca_certs", "")
    return {"REDIS_URL": address.url} | ({"REDIS_CA_FILE": authority} if authority else {})


def send(monkeypatch: pytest.MonkeyPatch, address: RedisAddress) -> None:
    """Publish a wake-up as a process of the portal does."""
    for name, value in environment_of(address).items():
        monkeypatch.setenv(name, value)
    run(f"app.send_task({TASK!r}, args=[{forged.some_id()!r}], retry=False)")


def test_a_redis_with_a_certificate_of_the_named_authority_serves_everything(
    encrypted: Callable[[str, str], RedisAddress],
    settings: Settings,
    redis: Redis,
    start_worker: StartWorker,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    address = encrypted("right", "right")
    use(settings, address)
    cache.set("key", "value", 10)
    assert cache.get("key") == "value"
    assert health.queue()
    send(monkeypatch, address)
    [message] = redis.lrange("upkeep", 0, -1)
    worker = start_worker(**environment_of(address))
    wait_for(lambda: f"{json.loads(message)['headers']['id']}] succeeded" in worker.output(), "the message to be done")


@pytest.mark.parametrize(
    ("shown", "trusted"), [("right", "another authority"), ("right", ""), ("another name", "another name")]
)
def test_no_part_speaks_to_a_redis_whose_certificate_is_not_its_own(  # noqa: PLR0917 - the parts
    shown: str,
    trusted: str,
    encrypted: Callable[[str, str], RedisAddress],
    settings: Settings,
    redis: Redis,
    start_worker: StartWorker,
    start_beat: Callable[..., Restartable],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    address = encrypted(shown, trusted)
    use(settings, address)
    with pytest.raises(RedisConnectionError, match="certificate verify failed"):
        cache.get("key")
    assert health.answers()["queue"] is False
    with pytest.raises(subprocess.CalledProcessError) as failed:
        send(monkeypatch, address)
    assert "certificate verify failed" in failed.value.stderr
    assert redis.keys() == []
    beat = start_beat(**environment_of(address))
    wait_for(lambda: "certificate verify failed" in beat.output(), "beat to refuse")
    assert beat.alive
    assert redis.keys() == []
    redis.lpush("upkeep", json.dumps(forged.message(TASK, [forged.some_id()])))
    monkeypatch.setattr(
        "tests.support.services._prints", lambda _: lambda child: "verify failed" in child.log.read_text()
    )
    worker = start_worker(**environment_of(address))
    assert worker.alive
    assert redis.llen("upkeep") == 1


def test_a_socket_serves_everything(
    tmp_path: Path, settings: Settings, start_worker: StartWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    embedded = EmbeddedRedis(tmp_path / "redis")
    command = [*embedded.command(), "--unixsocket", str(tmp_path / "redis.sock")]
    server = Restartable("redis-socket", command, lambda _: embedded.ready())
    server.start()
    address = read_address(f"unix://:{embedded.password}@{tmp_path}/redis.sock?db=1", "")
    use(settings, address)
    cache.set("key", "value", 10)
    assert cache.get("key") == "value"
    assert health.queue()
    worker = start_worker(**environment_of(address))
    send(monkeypatch, address)
    wait_for(lambda: " succeeded" in worker.output(), "the message to be done")
    with Redis.from_url(address.url) as client:
        assert client.dbsize() == 2  # the readiness, and what was cached
    worker.stop()
    server.stop()


@pytest.mark.parametrize("part", ["worker", "beat"])
def test_a_cluster_ends_workers_and_beat_in_one_line(
    part: str, tmp_path: Path, settings: Settings, start_worker: StartWorker, start_beat: Callable[..., Restartable]
) -> None:
    # A Cluster takes a second port, 10,000 above its own.
    port = next(port for port in iter(ports.free_port, 0) if port <= 55_535)
    embedded = EmbeddedRedis(tmp_path / "redis", port=port)
    server = Restartable(
        "redis-cluster", [*embedded.command(), "--cluster-enabled", "yes"], lambda _: ports.accepts(embedded.port)
    )
    server.start()
    said: list[str] = []
    try:
        process = (start_worker if part == "worker" else start_beat)(REDIS_URL=embedded.url)
        wait_for(lambda: not process.alive, "it to end")  # beat greets before it looks
        said += process.output().splitlines()
    except NotReady as ended:
        said += str(ended).splitlines()
    [line] = [line for line in said if "The portal does not start" in line]
    assert line.endswith("The portal does not start: REDIS_URL names a Cluster; it needs one Redis that is none.")
    assert not [line for line in said if "Traceback" in line]
    server.stop()
