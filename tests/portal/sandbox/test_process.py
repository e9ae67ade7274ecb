"""The process: needs the standard library alone, says where it listens, and ends cleanly when asked."""

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from portal.devtools.sandbox.control import Control

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly(start: Any, number: signal.Signals) -> None:
    process = start()
    process.child.send_signal(number)
    assert process.child.wait(timeout=10) == 0


def test_a_signal_ends_it_while_a_client_waits_for_ever(start: Any, wire: Any, tmp_path: Path) -> None:
    process = start()
    control = Control(process.url)
    control.fault("endless_chunks")
    waiting = type(wire)(process.url)
    waiting.hear(waiting.request("SMS"), 0.3)
    process.child.terminate()
    assert process.child.wait(timeout=10) == 0


def test_the_port_file_holds_the_port(start: Any, tmp_path: Path) -> None:
    process = start("--port-file", str(tmp_path / "port"))
    assert process.url.endswith(f":{(tmp_path / 'port').read_text().strip()}")


def test_settings_can_be_given_at_the_start_and_outlive_a_reset(start: Any) -> None:
    control = Control(start("--latency-ms", "5", "--api-key", "key").url)
    given = control.settings()
    assert (given["latency_ms"], given["any_api_key"]) == (5.0, False)
    control.settings(latency_ms=0, api_key=None)
    control.reset()
    assert control.settings() == given


def test_it_runs_on_the_standard_library_alone() -> None:
    code = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r});"
        "import portal.devtools.sandbox.__main__, portal.devtools.sandbox.control;"
        "ours = {n for n in sys.modules if n.startswith('portal.') and n != 'portal.devtools'"
        " and not n.startswith('portal.devtools.sandbox')};"
        "assert not ours, ours; assert 'django' not in sys.modules"
    )
    # -I and -S: no site-packages, no environment
    subprocess.run([sys.executable, "-I", "-S", "-c", code], check=True, timeout=30)
