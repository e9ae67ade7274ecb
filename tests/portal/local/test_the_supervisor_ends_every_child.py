"""What the supervisor promises about the end, shown on real processes."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.devtools.services.processes import ChildFailed, Ended, Supervisor, ending_signals
from tests.support.children import wait_for

# A child with a child of its own, which writes both process ids and waits.
_FAMILY = """
import os, subprocess, sys, time, signal
grandchild = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
open(sys.argv[1] + ".draft", "w").write(f"{os.getpid()} {grandchild.pid}")
os.rename(sys.argv[1] + ".draft", sys.argv[1])
time.sleep(60)
"""
_STUBBORN = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("up", flush=True)
time.sleep(60)
"""
_SUPERVISOR = """
import sys, time
from pathlib import Path
from portal.devtools.services.processes import Supervisor, Ended, ending_signals
folder = Path(sys.argv[1])
try:
    with ending_signals(), Supervisor(folder) as supervisor:
        supervisor.start("family", [sys.executable, "-c", sys.argv[2], str(folder / "pids")])
        time.sleep(60)
except Ended:
    sys.exit(0)
"""


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def family_of(folder: Path) -> list[int]:
    wait_for((folder / "pids").exists, "the family to start")
    return [int(pid) for pid in (folder / "pids").read_text().split()]


@pytest.fixture
def supervising(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen([sys.executable, "-c", _SUPERVISOR, str(tmp_path), _FAMILY]) as process:
        yield process
        process.kill()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_to_the_parent_ends_children_and_grandchildren(
    supervising: subprocess.Popen[bytes], tmp_path: Path, number: signal.Signals
) -> None:
    family = family_of(tmp_path)
    supervising.send_signal(number)
    assert supervising.wait(10) == 0
    wait_for(lambda: not any(map(is_alive, family)), "the last of them to be gone from the table of processes")


def test_a_second_signal_does_not_cut_the_clean_up_short(supervising: subprocess.Popen[bytes], tmp_path: Path) -> None:
    family = family_of(tmp_path)
    for _ in range(5):
        supervising.send_signal(signal.SIGTERM)
    assert supervising.wait(10) == 0
    wait_for(lambda: not any(map(is_alive, family)), "the last of them to be gone from the table of processes")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ties a child's life to its parent's")
def test_a_killed_parent_takes_its_child_along(supervising: subprocess.Popen[bytes], tmp_path: Path) -> None:
    child, grandchild = family_of(tmp_path)
    supervising.kill()
    supervising.wait()
    wait_for(lambda: not is_alive(child), "the child to end")
    os.kill(grandchild, signal.SIGKILL)


def test_an_error_in_the_block_ends_the_children(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), Supervisor(tmp_path) as supervisor:  # noqa: PT012 - the block is the test
        supervisor.start("family", [sys.executable, "-c", _FAMILY, str(tmp_path / "pids")])
        family = family_of(tmp_path)
        raise ZeroDivisionError
    wait_for(lambda: not any(map(is_alive, family)), "the last of them to be gone from the table of processes")


def test_a_stubborn_child_is_killed(tmp_path: Path) -> None:
    supervisor = Supervisor(tmp_path)
    child = supervisor.start("stubborn", [sys.executable, "-c", _STUBBORN])
    wait_for(lambda: child.last_line() == "up", "the child to start")
    supervisor.stop(seconds=0.2)
    assert child.process.returncode == -signal.SIGKILL


def test_a_child_that_fails_is_told_by_name_with_its_last_line(tmp_path: Path) -> None:
    with Supervisor(tmp_path) as supervisor:
        supervisor.start("web", [sys.executable, "-c", "raise SystemExit('no such database')"])
        with pytest.raises(ChildFailed, match=r"^web ended with 1: no such database \(.*web\.log\)$"):
            supervisor.wait_until(lambda: False, "the web server")


def test_a_command_that_does_not_exist_is_told_in_one_line(tmp_path: Path) -> None:
    with Supervisor(tmp_path) as supervisor:
        supervisor.start("redis", ["/nowhere/redis-server"])
        with pytest.raises(ChildFailed, match=r"^redis ended with 1: /nowhere/redis-server: No such file"):
            supervisor.wait_until(lambda: False, "Redis")


def test_what_does_not_get_ready_in_time_is_told(tmp_path: Path) -> None:
    with (
        Supervisor(tmp_path) as supervisor,
        pytest.raises(ChildFailed, match=r"the sandbox took longer than 0\.1 s"),
    ):
        supervisor.wait_until(lambda: False, "the sandbox", seconds=0.1)


def test_the_handlers_of_signals_are_restored_unless_one_has_come() -> None:
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    with ending_signals():
        assert signal.getsignal(signal.SIGTERM) is not before[signal.SIGTERM]
    assert {number: signal.getsignal(number) for number in before} == before
    try:
        with pytest.raises(Ended), ending_signals():
            signal.raise_signal(signal.SIGTERM)
        assert {signal.getsignal(number) for number in before} == {signal.SIG_IGN}
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
