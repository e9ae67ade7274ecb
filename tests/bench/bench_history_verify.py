"""Verifying a million events, in database and pack, against a bare loop that reads and hashes the same bytes."""

import os
from statistics import median
from typing import Final

import pytest

from tests.bench.bench_history_append import measure
from tests.bench.tables import show

EVENTS: Final = int(os.environ.get("BENCH_EVENTS", "1000000"))
MOST_TIMES_THE_LOOP: Final = 3.0
MOST_MEGABYTES_MORE: Final = 100


@pytest.mark.parametrize("name", ["SQLite", "PostgreSQL"])
def test_verifying_costs_little_more_than_reading_and_hashing(name: str) -> None:
    measured = measure("verify", name, EVENTS)
    rows, ratios = [], {}
    for what in ("database", "pack"):
        ratios[what] = median(verifying / loop for verifying, loop in measured[what])
        verifying, loop = (median(values) for values in zip(*measured[what], strict=True))
        rows.append([what, f"{verifying:.2f} s", f"{loop:.2f} s", f"{ratios[what]:.2f}", f"{MOST_TIMES_THE_LOOP:.1f}"])
    memory = measured["memory"]
    show(
        f"Verifying {EVENTS} events on {name}",
        ["", "verifying", "bare loop", "ratio", "goal"],
        rows,
        f"Writing the pack took {measured['writing']:.1f} s, {measured['size'] / 1e6:.0f} MB. Memory at its highest: "
        f"{memory[0]} MB after seeding, {memory[1]} MB after the pack, {memory[3]} MB after verifying.",
    )
    assert max(ratios.values()) <= MOST_TIMES_THE_LOOP
    assert memory[-1] - memory[0] <= MOST_MEGABYTES_MORE
