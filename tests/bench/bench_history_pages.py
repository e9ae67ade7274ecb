"""Pages of the history with a million lines, against the same pages with ten thousand.

`HISTORY_LINES=100000 make bench` takes fewer for the long one.
"""

import os
from statistics import median
from typing import Final

import pytest

from tests.bench import databases
from tests.bench.portals import Portal
from tests.bench.tables import show
from tests.support import environment

FEW: Final = 10_000
MANY: Final = int(os.environ.get("HISTORY_LINES", "1000000"))
ROUNDS: Final = 25
MOST: Final = 1.5
PAGES: Final = [
    *("first", "deep", "of one tenant", "of a person", "of a kind", "of an object"),
    *("with a text", "with a text that nothing has"),
    *("an auditor of 500 tenants", "an auditor, deep", "an auditor, of a kind"),
]


def _portals(engine: str) -> dict[int, Portal]:
    """Two portals, of which one has a long history."""
    found = {}
    for lines in (FEW, MANY):
        folder = environment.root() / "bench-history" / f"{engine}-{lines}"
        folder.mkdir(parents=True)
        make = databases.sqlite if engine == "SQLite" else databases.postgresql
        found[lines] = Portal(f"{engine}-{lines}", make(folder / "database"), folder / "var")
        found[lines].ask("write", lines)
    return found


@pytest.mark.parametrize("engine", ["SQLite", "PostgreSQL"])
def test_a_page_of_a_long_history_costs_what_one_of_a_short_one_does(engine: str, redis_server: object) -> None:
    portals = _portals(engine)
    table, slow = [], []
    try:
        for page in PAGES:
            for portal in portals.values():
                portal.ask("seconds", page)  # the first time compiles and opens what later ones have
            # Turn by turn, so that whatever else the machine does hits both alike.
            rounds = [[portal.ask("seconds", page) for portal in portals.values()] for _ in range(ROUNDS)]
            few, many = (median(times) for times in zip(*rounds, strict=True))
            ratio = median(long / short for short, long in rounds)
            table.append([page, f"{few * 1000:.1f} ms", f"{many * 1000:.1f} ms", f"{ratio:.2f} x"])
            if ratio > MOST:
                slow.append(page)
    finally:
        for portal in portals.values():
            portal.stop()
    show(
        f"Pages of the history on {engine}", ["page", f"{FEW} lines", f"{MANY} lines", "ratio"], table, f"goal {MOST} x"
    )
    assert slow == []
