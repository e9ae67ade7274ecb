"""The arena: all sides against one sandbox, which is also the judge of what they did."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Final
from uuid import uuid4

from portal.devtools.sandbox.control import Control
from tests.bench import rivals
from tests.bench.portals import Portal

TENANTS: Final = 300
#: The loop is measured on this many tenants and scaled: it does one call after the other, so its time is linear.
LOOP_TENANTS: Final = 20

#: A side sets up all tenants once and returns the seconds that it took.
Side = Callable[[], float]


@dataclass
class Arena:
    """Lets the sides run, one at a time, and keeps their seconds by side and latency (milliseconds)."""

    sandbox: Control
    folder: Path
    seconds: dict[tuple[str, int], list[float]] = field(default_factory=dict)

    def measure(self, name: str, latency: int, side: Side) -> None:
        """Let one side run once."""
        self.sandbox.reset()
        self.sandbox.settings(latency_ms=latency)
        self.seconds.setdefault((name, latency), []).append(side())

    def median(self, name: str, latency: int) -> float:
        """The seconds of a side."""
        return median(self.seconds[name, latency])

    def ratio(self, above: str, below: str, latency: int) -> float:
        """How many times the seconds of the one are those of the other, taken within each round."""
        pairs = zip(self.seconds[above, latency], self.seconds[below, latency], strict=True)
        return median(one / other for one, other in pairs)

    def judge(self, ccids: list[str]) -> None:
        """Demand the two services of each contact centre, each created by one request, and no other request."""
        created = Counter(tuple(line["path"].split("/")[-2:]) for line in self.sandbox.ledger(effects=True))
        assert created == Counter((ccid, service) for ccid in ccids for service in rivals.BODIES)
        assert self.sandbox.stats()["requests"] == len(created), "something was sent that changed nothing"

    def loop(self) -> float:
        """The curl loop, scaled to all tenants."""
        return self._script(rivals.curl_loop, LOOP_TENANTS) * TENANTS / LOOP_TENANTS

    def xargs(self) -> float:
        """Sixteen curls at a time."""
        return self._script(rivals.curl_xargs, TENANTS)

    def _script(self, script: Callable[[str, list[str], Path], float], tenants: int) -> float:
        ccids = _new_ccids(tenants)
        seconds = script(self.sandbox.url, ccids, self.folder)
        self.judge(ccids)
        return seconds

    def pool(self, slots: int) -> float:
        """A bare pool of so many threads."""
        ccids = _new_ccids(TENANTS)
        seconds = rivals.bare_pool(self.sandbox.url, ccids, slots)
        self.judge(ccids)
        return seconds

    def portal(self, portal: Portal) -> float:
        """A whole portal, with its rows made beforehand and its history checked afterwards."""
        ccids: dict[str, str] = portal.ask("queued", self.sandbox.url, TENANTS)
        seconds = float(portal.ask("run", list(ccids)))
        self.judge(list(ccids.values()))
        assert portal.ask("broken_chains", list(ccids)) == []
        return seconds


def _new_ccids(count: int) -> list[str]:
    return [str(uuid4()) for _ in range(count)]
