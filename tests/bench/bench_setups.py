"""Many set-ups at once: the whole portal against a curl loop, `xargs` and a bare thread pool, all in one run.

300 Kaleyra tenants of two POSTs each, at three latencies of Nexus. The portal is all of it: Redis, two worker
processes, state and history in the database. Machines differ and have bad minutes, so only ratios count: all sides
take turns, each ratio is taken within a round, and the table shows the median of the rounds (3 at 100 ms).
"""

import os
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Final

import pytest

from portal.devtools.sandbox.control import Control
from tests.bench.arena import LOOP_TENANTS, TENANTS, Arena, Side
from tests.bench.portals import Portal
from tests.bench.tables import show

PROCESSES: Final = 2
#: Rounds by latency in milliseconds; at 100, the latency of a real Nexus, they decide.
ROUNDS: Final = {0: 1, 20: 1, 100: int(os.environ.get("BENCH_ROUNDS", "3"))}

# Goals at 100 ms, on a machine that does nothing else. Half as good fails: then something is broken, not busy.
TIMES_FASTER_THAN_THE_LOOP: Final = 40.0  # with 64 slots
TIMES_THE_SECONDS_OF_THE_POOL: Final = 1.15  # with 32 slots
HALF: Final = 2


@pytest.mark.parametrize("slots", [16, 32])
def test_set_ups_keep_up_with_a_bare_thread_pool(
    slots: int, sandbox: Control, portals: dict[str, Portal], tmp_path: Path
) -> None:
    arena = Arena(sandbox, tmp_path)
    sides: dict[str, Side] = {
        "curl loop": arena.loop,
        "xargs -P16": arena.xargs,
        f"pool of {PROCESSES * slots}": partial(arena.pool, PROCESSES * slots),
    }
    sides |= {name: partial(arena.portal, portal) for name, portal in portals.items()}
    with ExitStack() as stack:
        for name, portal in portals.items():
            stack.enter_context(portal.workers(PROCESSES, slots))
            arena.measure("warm-up", 100, sides[name])
        _take_turns(arena, sides)
    _tell(arena, list(sides), list(portals), slots)
    for name in portals:
        if slots == 16:
            ratio = arena.ratio(name, f"pool of {PROCESSES * slots}", 100)
            assert ratio < TIMES_THE_SECONDS_OF_THE_POOL * HALF, f"{name} takes {ratio:.1f} times as long as the pool"
        else:
            ratio = arena.ratio("curl loop", name, 100)
            assert ratio > TIMES_FASTER_THAN_THE_LOOP / HALF, f"{name} is only {ratio:.1f} times as fast as the loop"


def _take_turns(arena: Arena, sides: dict[str, Side]) -> None:
    for latency, rounds in ROUNDS.items():
        for _ in range(rounds):
            for name, side in sides.items():
                arena.measure(name, latency, side)


def _tell(arena: Arena, sides: list[str], portals: list[str], slots: int) -> None:
    loop, pool = "curl loop", f"pool of {PROCESSES * slots}"
    heads = [f"{name}, s" for name in sides]
    heads += [f"{loop} / {name}" for name in portals] + [f"{name} / pool" for name in portals]
    show(
        f"{TENANTS} set-ups of 2 POSTs each, {PROCESSES} workers of {slots} slots",
        ["latency", *heads],
        [
            [
                f"{latency} ms",
                *(f"{arena.median(name, latency):.2f}" for name in sides),
                *(f"{arena.ratio(loop, name, latency):.1f}" for name in portals),
                *(f"{arena.ratio(name, pool, latency):.2f}" for name in portals),
            ]
            for latency in ROUNDS
        ],
        f"The loop is measured on {LOOP_TENANTS} tenants and scaled. Goals at 100 ms on an idle machine: "
        f"loop / portal at least {TIMES_FASTER_THAN_THE_LOOP:g} with 64 slots, "
        f"portal / pool at most {TIMES_THE_SECONDS_OF_THE_POOL:g} with 32.",
    )
