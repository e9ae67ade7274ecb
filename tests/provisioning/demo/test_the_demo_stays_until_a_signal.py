import re
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from portal.devtools.services import ports
from tests.provisioning.demo.conftest import Demo
from tests.support.children import wait_for

pytestmark = pytest.mark.sweep


def follow_until(process: subprocess.Popen[str], line: str) -> str:
    assert process.stdout is not None
    seen = ""
    for printed in process.stdout:
        seen += printed
        if line in printed:
            return seen
    raise AssertionError(f"the demo ended early: {seen}{process.stderr.read() if process.stderr else ''}")


def ports_of(record: dict[str, Any]) -> list[int]:
    return [int(record[name].rpartition(":")[2]) for name in ("url", "sandbox")]


def redis_port(var: Path) -> int:
    found = re.search(r"^port (\d+)$", (var / "redis" / "redis.conf").read_text(), re.MULTILINE)
    assert found is not None
    return int(found.group(1))


def assert_is_refused(second: subprocess.Popen[str], var: Path) -> None:
    _, errors = second.communicate(timeout=30)
    assert second.returncode == 1
    assert errors == f"CommandError: A demo runs already; {var / 'demo.json'} says where.\n"


def assert_ends(process: subprocess.Popen[str], number: signal.Signals, listening: Callable[[], list[int]]) -> None:
    follow_until(process, "Ctrl-C ends it.")
    ports_in_use = listening()
    assert all(map(ports.accepts, ports_in_use))
    process.send_signal(number)
    assert process.wait(30) == 0
    assert not any(map(ports.accepts, ports_in_use))


def test_it_refuses_a_second_on_its_folder_and_either_signal_ends_every_child_and_counts_as_success(
    demo: Demo, var: Path, record: Callable[[], dict[str, Any]]
) -> None:
    def listening() -> list[int]:
        return [*ports_of(record()), redis_port(var)]

    process = demo()
    follow_until(process, "Starting")
    assert_is_refused(demo("--exit"), var)
    assert_ends(process, signal.SIGINT, listening)
    assert_ends(demo(), signal.SIGTERM, listening)


def test_a_child_that_fails_ends_the_demo_with_one_line(demo: Demo, var: Path, tmp_path: Path) -> None:
    broken = tmp_path / "bin" / "redis-server"
    broken.parent.mkdir()
    broken.write_text("#!/bin/sh\necho no memory left >&2\nexit 3\n")
    broken.chmod(0o755)
    process = demo(PATH=f"{broken.parent}:/usr/bin:/bin")
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert errors == f"CommandError: redis ended with 3: no memory left ({var / 'log' / 'redis.log'})\n"


def test_an_end_before_the_story_is_told_is_no_success_of_exit(demo: Demo) -> None:
    process = demo("--exit")
    follow_until(process, "Starting")
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 1
    assert errors == "CommandError: SIGTERM ended the demo before its end.\n"


def test_a_taken_port_is_replaced_and_told(demo: Demo, tmp_path: Path) -> None:
    taken = ports.free_port()
    with subprocess.Popen(
        ["python3", "-m", "http.server", str(taken), "--bind", ports.LOOPBACK], stderr=subprocess.DEVNULL
    ) as other:
        wait_for(lambda: ports.accepts(taken), "the port to be taken")
        seen = follow_until(demo(PORT=str(taken)), "is taken")
        other.kill()
    assert re.search(rf"^Port {taken} is taken; the portal takes port \d+ instead\.$", seen, re.MULTILINE)


@pytest.mark.parametrize("port", ["abc", "-1", "65536"])
def test_a_port_that_is_none_is_refused(demo: Demo, port: str) -> None:
    process = demo(PORT=port)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 1
    assert errors == f"CommandError: PORT is '{port}'; it must be a number from 0 to 65535.\n"


def test_production_has_no_demo(demo: Demo) -> None:
    process = demo(PORTAL_ENV="production")
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 1
    assert "Traceback" not in errors
