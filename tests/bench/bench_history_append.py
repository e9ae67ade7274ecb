"""A line of history against a plain INSERT of the same row, with the same indexes; each in its own transaction."""

import json
import os
import subprocess
import sys
from statistics import median
from typing import Any, Final

import pytest

from tests.bench import databases
from tests.bench.tables import show
from tests.support import environment
from tests.support.files import PROJECT

LINES: Final = int(os.environ.get("BENCH_LINES", "2000"))
MOST_TIMES_THE_INSERT: Final = 2.0


def measure(command: str, name: str, count: int) -> dict[str, Any]:
    """What the historian measures on a new database of that kind."""
    folder = environment.root() / f"bench-{command}-{name}"
    url = databases.sqlite(folder / "database") if name == "SQLite" else databases.postgresql(folder)
    env = os.environ | {
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "DATABASE_URL": url,
        "VAR_DIR": str(folder / "var"),
        "CHECKPOINT_FOLDER": str(folder / "checkpoints"),
        "LOG_LEVEL": "WARNING",
    }
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.historian", command, str(count)],
        cwd=PROJECT,
        env=env,
        stdout=subprocess.PIPE,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("name", ["SQLite", "PostgreSQL"])
def test_a_line_of_history_costs_little_more_than_its_row(name: str) -> None:
    measured = measure("append", name, LINES)
    each = measured["round"]
    ratio = median(line / row for line, row in measured["rounds"])
    lines, rows = (median(values) / each * 1e6 for values in zip(*measured["rounds"], strict=True))
    show(
        f"Appending to the history on {name}, {LINES} lines",
        ["a line", "a plain INSERT", "ratio", "goal"],
        [[f"{lines:.0f} µs", f"{rows:.0f} µs", f"{ratio:.2f}", f"{MOST_TIMES_THE_INSERT:.1f}"]],
    )
    assert ratio <= MOST_TIMES_THE_INSERT
