"""A file of a thousand Kaleyra tenants applied in one process, against a bare thread pool that only sends.

The command is all of it: Python and Django started, the file checked, rows, secrets and history written, every answer
judged. The pool knows its contact centre ids and starts its clock at the first POST. Both have sixteen threads. Ratios
are taken within a round; the command's memory is compared with that for a quarter of the tenants.
"""

import os
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final
from uuid import uuid4

from portal.devtools.sandbox.control import Control
from tests.bench import databases, rivals
from tests.bench.tables import show
from tests.support import environment
from tests.support.files import PROJECT

TENANTS: Final = 1000
SLOTS: Final = 16
LATENCIES_MS: Final = (0, 20, 100)
ROUNDS: Final = int(os.environ.get("BENCH_ROUNDS", "3"))
#: At 100 ms; the rest is the command's own start, the check of the file, and the rows.
MOST_TIMES_THE_POOL: Final = 3.0
MOST_TIMES_THE_MEMORY: Final = 1.25

_TENANT = """\
  - name: Tenant {number}
    ccid: {ccid}
    nexus_url: {url}
    nexus_api_key: ${{BENCH_API_KEY}}
    kaleyra: {{url: http://directtext.mgage.com, username: somebody, password: "${{BENCH_PASSWORD}}"}}
    sender_ids:
      - {{number: "1650466{digits}", section: SMS_Main_Corporate, endpoint: MainRouting, cxc_only: false}}
"""


@dataclass(frozen=True)
class Run:
    """One run of the command: seconds, and the most memory that it had, in MB."""

    seconds: float
    memory: float
    out: str


class Portal:
    """A portal's database, and nothing that runs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.env = {name: value for name, value in os.environ.items() if name not in environment.SHORT_WINDOWS} | {
            "DJANGO_SETTINGS_MODULE": "portal.settings",
            "DATABASE_URL": databases.sqlite(folder),
            "VAR_DIR": str(folder),
            "LOG_LEVEL": "WARNING",
            "BENCH_API_KEY": rivals.API_KEY,
            "BENCH_PASSWORD": "something",
        }
        subprocess.run(
            [sys.executable, "manage.py", "migrate", "--verbosity", "0"], env=self.env, cwd=PROJECT, check=True
        )

    def file_of(self, url: str, ccids: list[str]) -> Path:
        """A file of these tenants."""
        tenants = (
            _TENANT.format(number=number, ccid=ccid, url=url, digits=1000 + number) for number, ccid in enumerate(ccids)
        )
        file = self.folder / "setups.yaml"
        file.write_text("tenants:\n" + "".join(tenants))
        return file

    def apply(self, file: Path) -> Run:
        """Run the command."""
        started = time.perf_counter()
        command = [sys.executable, "manage.py", "apply", str(file), "--inline"]
        child = subprocess.Popen(command, env=self.env, cwd=PROJECT, stdout=subprocess.PIPE, text=True)
        assert child.stdout is not None
        with child.stdout:
            out = child.stdout.read()
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        assert child.returncode == 0, out
        return Run(time.perf_counter() - started, usage.ru_maxrss / 1024, out)


def judge(sandbox: Control, ccids: list[str]) -> None:
    """Demand the two services of each contact centre, each created by one request, and nothing more."""
    created = Counter(tuple(line["path"].split("/")[-2:]) for line in sandbox.ledger(effects=True))
    assert created == Counter((ccid, service) for ccid in ccids for service in rivals.BODIES)
    assert sandbox.stats()["requests"] == len(created)


def test_a_file_of_a_thousand_tenants(sandbox: Control) -> None:
    portal = Portal(environment.root() / "bench-apply")
    small = portal.apply(portal.file_of(sandbox.url, [str(uuid4()) for _ in range(TENANTS // 4)]))
    rows, ratios = [], {}
    for latency in LATENCIES_MS:
        runs: list[Run] = []
        again: list[float] = []
        pools: list[float] = []
        for _ in range(ROUNDS):
            ccids = [str(uuid4()) for _ in range(TENANTS)]
            sandbox.reset()
            sandbox.settings(latency_ms=latency)
            file = portal.file_of(sandbox.url, ccids)
            runs.append(portal.apply(file))
            judge(sandbox, ccids)
            assert runs[-1].out.count(": created, attempt 1") == 2 * TENANTS
            unchanged = portal.apply(file)
            assert unchanged.out == f"Tenants: {TENANTS} unchanged.\n"
            again.append(unchanged.seconds)
            judge(sandbox, ccids)
            sandbox.reset()
            sandbox.settings(latency_ms=latency)
            pools.append(rivals.bare_pool(sandbox.url, ccids, SLOTS))
        ratios[latency] = median(run.seconds / pool for run, pool in zip(runs, pools, strict=True))
        memory = max(run.memory for run in runs)
        cells = [
            f"{median(run.seconds for run in runs):.1f}",
            f"{median(pools):.1f}",
            f"{ratios[latency]:.2f}",
            f"{median(again):.1f}",
            f"{memory:.0f}",
            f"{memory / small.memory:.2f}",
        ]
        rows.append([f"{latency} ms", *cells])
        assert memory <= small.memory * MOST_TIMES_THE_MEMORY
    show(
        f"apply of {TENANTS} tenants in one process, {SLOTS} threads; median of {ROUNDS} rounds, SQLite",
        ["latency", "apply s", "pool s", "apply / pool", "again s", "MB", f"MB / MB of {TENANTS // 4}"],
        rows,
        "The command's time includes its start; `again` finds nothing to do.",
    )
    assert ratios[100] <= MOST_TIMES_THE_POOL
