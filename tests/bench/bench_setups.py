"""Many set-ups at once: the whole portal against a curl loop, `xargs` and a bare thread pool, all in one run.

300 Kaleyra tenants of two POSTs each, at three latencies of Nexus. The portal is all of it: Redis, two worker
processes, state and history in the database. Machines differ and have bad minutes, so only ratios count: all sides
take turns, each ratio is taken within a round, and the median over the rounds is what the table shows.
"""

import os
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Final
from uuid import uuid4

import pytest

from portal.sandbox.control import Control
from tests.bench import rivals
from tests.bench.portals import Portal
from tests.bench.tables import show

TENANTS: Final = 300
#: The loop is measured on this many tenants and scaled: it does one call after the other, so its time is linear.
LOOP_TENANTS: Final = 20
LATENCIES_MS: Final = (0, 20, 100)
SLOTS: Final = (16, 32)  # of each of the two worker processes
ROUNDS: Final = int(os.environ.get("BENCH_ROUNDS", "3"))

#: At 100 ms, the latency of a real Nexus. Nearer than 1.15 the bare pool's time is noise.
LEAST_TIMES_THE_LOOP: Final = 40.0
MOST_TIMES_THE_POOL: Final = 1.15

Side = Callable[[int], float]  # given the latency, the seconds for all tenants


@dataclass
class Arena:
    """The sandbox as the judge: after each run it must have seen each service created, once, and nothing else."""

    sandbox: Control
    folder: Path
    seconds: dict[tuple[str, int], list[float]] = field(default_factory=dict)

    def measure(self, name: str, latency: int, side: Side) -> None:
        """Let one side run once."""
        self.sandbox.reset()
        self.sandbox.settings(latency_ms=latency)
        self.seconds.setdefault((name, latency), []).append(side(latency))

    def judge(self, ccids: list[str]) -> None:
        """Demand the two services of each contact centre, each created by one request."""
        created = Counter(tuple(line["path"].split("/")[-2:]) for line in self.sandbox.ledger(effects=True))
        assert created == Counter((ccid, service) for ccid in ccids for service in rivals.BODIES)
        assert self.sandbox.stats()["requests"] == len(created), "something was sent that changed nothing"

    def loop(self, _: int) -> float:
        """The curl loop, scaled to all tenants."""
        return self._script(rivals.curl_loop, LOOP_TENANTS) * TENANTS / LOOP_TENANTS

    def xargs(self, _: int) -> float:
        """Sixteen curls at a time."""
        return self._script(rivals.curl_xargs, TENANTS)

    def _script(self, script: Callable[[str, list[str], Path], float], tenants: int) -> float:
        ccids = _new_ccids(tenants)
        seconds = script(self.sandbox.url, ccids, self.folder)
        self.judge(ccids)
        return seconds

    def pool(self, slots: int) -> Side:
        """A bare pool of so many threads."""

        def run(_: int) -> float:
            ccids = _new_ccids(TENANTS)
            seconds = rivals.bare_pool(self.sandbox.url, ccids, slots)
            self.judge(ccids)
            return seconds

        return run

    def portal(self, portal: Portal) -> Side:
        """A portal, with the rows made beforehand and the history checked afterwards."""

        def run(_: int) -> float:
            ccids: dict[str, str] = portal.ask("queued", self.sandbox.url, TENANTS)
            seconds = float(portal.ask("run", list(ccids)))
            self.judge(list(ccids.values()))
            assert portal.ask("broken_chains", list(ccids)) == []
            return seconds

        return run

    def ratio(self, above: str, below: str, latency: int) -> float:
        """How many times the seconds of the one are those of the other."""
        pairs = zip(self.seconds[above, latency], self.seconds[below, latency], strict=True)
        return median(one / other for one, other in pairs)


def _new_ccids(count: int) -> list[str]:
    return [str(uuid4()) for _ in range(count)]


@pytest.mark.parametrize("slots", SLOTS)
def test_set_ups_keep_up_with_a_bare_thread_pool(
    slots: int, sandbox: Control, portals: dict[str, Portal], tmp_path: Path
) -> None:
    arena = Arena(sandbox, tmp_path)
    pool = f"pool of {2 * slots}"
    sides: dict[str, Side] = {"curl loop": arena.loop, "xargs -P16": arena.xargs, pool: arena.pool(2 * slots)}
    sides |= {name: arena.portal(portal) for name, portal in portals.items()}
    with ExitStack() as stack:
        for portal in portals.values():
            stack.enter_context(portal.workers(2, slots))
            arena.measure("warm-up", 100, sides[portal.name])
        for _ in range(ROUNDS):
            for latency in LATENCIES_MS:
                for name, side in sides.items():
                    arena.measure(name, latency, side)
    names = list(sides)
    show(
        f"{TENANTS} set-ups of 2 POSTs; the portal with 2 processes of {slots} slots; median of {ROUNDS} rounds",
        ["latency", *(f"{name} s" for name in names), *(f"loop / {name}" for name in portals)]
        + [f"{name} / pool" for name in portals],
        [
            [f"{latency} ms"]
            + [f"{median(arena.seconds[name, latency]):.2f}" for name in names]
            + [f"{arena.ratio('curl loop', name, latency):.1f}" for name in portals]
            + [f"{arena.ratio(name, pool, latency):.2f}" for name in portals]
            for latency in LATENCIES_MS
        ],
        f"The curl loop is measured on {LOOP_TENANTS} tenants and scaled.",
    )
