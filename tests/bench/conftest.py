"""The portals that the benchmarks measure: one for each database, for the whole run."""

from collections.abc import Iterator

import pytest

from tests.bench import databases
from tests.bench.portals import Portal
from tests.support import environment


@pytest.fixture(scope="session")
def portals(redis_server: object) -> Iterator[dict[str, Portal]]:
    """Portals by the name of their database."""
    folder = environment.root() / "bench"
    urls = {"SQLite": databases.sqlite(folder / "sqlite"), "PostgreSQL": databases.postgresql(folder / "postgresql")}
    portals = {name: Portal(name, url, folder / f"var-{name}") for name, url in urls.items()}
    yield portals
    for portal in portals.values():
        portal.stop()
