"""Fixtures of the real parts: Redis, the sandbox, workers, beat and the web server, each a child process.

Redis, the sandbox, one worker and one web server live as long as the run, since starting them for each test
would cost minutes; what a test changes in them is reset before the next. A test that kills, or needs other
windows, gets processes of its own from `start_worker` and `start_beat`.
"""

from collections.abc import Callable, Iterator

import pytest
from redis import Redis

from portal.devtools.sandbox.control import Control
from portal.devtools.services import commands, ports
from portal.devtools.services.processes import Child
from tests.support import environment
from tests.support.children import Restartable

StartWorker = Callable[..., Restartable]


@pytest.fixture(scope="session", autouse=True)
def redis_server() -> Iterator[Restartable]:
    """The run's own Redis, at `settings.REDIS_URL`."""
    embedded = environment.redis()
    server = Restartable("redis", embedded.command(), lambda _: embedded.ready())
    server.start()
    yield server
    server.stop()


@pytest.fixture
def redis(redis_server: Restartable) -> Iterator[Redis]:
    """A client of the run's Redis, which is alive and empty."""
    redis_server.ensure()
    with Redis.from_url(environment.redis().url) as client:
        client.flushdb()
        yield client
        client.flushdb()


@pytest.fixture(scope="session")
def sandbox_process() -> Iterator[tuple[Restartable, str]]:
    """The run's sandbox and its address."""
    yield from _sandbox("sandbox")


@pytest.fixture(scope="session")
def second_sandbox_process() -> Iterator[tuple[Restartable, str]]:
    """Another sandbox at another address, for tests in which something must not, or must, go to both."""
    yield from _sandbox("second-sandbox")


def _sandbox(name: str) -> Iterator[tuple[Restartable, str]]:
    port = ports.free_port()
    command = commands.sandbox(port, environment.root() / f"{name}.jsonl")
    process = Restartable(name, command, lambda _: ports.accepts(port))
    process.start()
    yield process, f"http://{ports.LOOPBACK}:{port}"
    process.stop()


@pytest.fixture
def sandbox(sandbox_process: tuple[Restartable, str]) -> Control:
    """The sandbox's controls, with nothing remembered from an earlier test."""
    return _fresh(*sandbox_process)


@pytest.fixture
def second_sandbox(second_sandbox_process: tuple[Restartable, str]) -> Control:
    """The same of the other one."""
    return _fresh(*second_sandbox_process)


def _fresh(process: Restartable, address: str) -> Control:
    process.ensure()
    control = Control(address)
    control.reset()
    return control


def _prints(text: str) -> Callable[[Child], bool]:
    return lambda child: text in child.log.read_text(errors="replace")


def new_worker(name: str, env: dict[str, str]) -> Restartable:
    """A worker, not started yet; `env` changes its environment."""
    return Restartable(name, commands.worker(name), _prints(" ready."), env)


def new_order_worker(name: str, env: dict[str, str]) -> Restartable:
    """A worker of orders, not started yet."""
    return Restartable(name, commands.order_worker(name), _prints(" ready."), env)


def new_beat(name: str, env: dict[str, str]) -> Restartable:
    """A beat, not started yet; `env` changes its environment."""
    return Restartable(name, commands.beat(), _prints("beat: Starting..."), env)


@pytest.fixture(scope="session")
def shared_worker(redis_server: Restartable) -> Iterator[Restartable]:
    """One worker for the run; `worker` starts it."""
    process = new_worker("worker", {})
    yield process
    process.stop()


@pytest.fixture
def worker(transactional_db: None, redis: Redis, shared_worker: Restartable) -> Restartable:
    """A live worker on the test database; a test that kills it or slows it takes `start_worker` instead."""
    shared_worker.ensure()
    return shared_worker


@pytest.fixture
def start_worker(transactional_db: None, redis: Redis, shared_worker: Restartable) -> Iterator[StartWorker]:
    """Start workers of this test's own: `start_worker(SETUP_LEASE_SECONDS="1")`; they end with the test."""
    shared_worker.stop()  # it would take the work away
    started: list[Restartable] = []

    def start_one(**env: str) -> Restartable:
        started.append(new_worker(f"worker{len(started) + 1}", env))
        started[-1].start()
        return started[-1]

    yield start_one
    for process in started:
        process.stop()


@pytest.fixture
def start_order_worker(transactional_db: None, redis: Redis) -> Iterator[StartWorker]:
    """Start workers of orders of this test's own; they end with the test."""
    started: list[Restartable] = []

    def start_one(**env: str) -> Restartable:
        started.append(new_order_worker(f"orders{len(started) + 1}", env))
        started[-1].start()
        return started[-1]

    yield start_one
    for process in started:
        process.kill()


@pytest.fixture
def start_beat(transactional_db: None, redis: Redis) -> Iterator[Callable[..., Restartable]]:
    """Start a beat of this test's own: `start_beat(SWEEP_SECONDS="0.5")`; it ends with the test."""
    started: list[Restartable] = []

    def start_one(**env: str) -> Restartable:
        started.append(new_beat(f"beat{len(started) + 1}", env))
        started[-1].start()
        return started[-1]

    yield start_one
    for process in started:
        process.stop()


@pytest.fixture(scope="session")
def web_process() -> Iterator[tuple[Restartable, str]]:
    """The run's web server and its address."""
    port = ports.free_port()
    process = Restartable("web", commands.web(port), lambda _: ports.http_status(port) is not None)
    yield process, f"http://{ports.LOOPBACK}:{port}"
    process.stop()


@pytest.fixture
def live_portal(transactional_db: None, redis: Redis, web_process: tuple[Restartable, str]) -> str:
    """The address of a live portal on the test database."""
    process, address = web_process
    process.ensure()
    return address
