"""Running `manage.py demo` as a person would: in a shell of its own, with a folder of its own."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.environment import SHORT_WINDOWS
from tests.support.files import PROJECT

Demo = Callable[..., subprocess.Popen[str]]

_OF_THE_TEST_RUN = {
    "DJANGO_SETTINGS_MODULE",
    "DATABASE_URL",
    "REDIS_URL",
    "SECRET_KEY",
    "VAULT_KEYSET_FILE",
    "PORTAL_TEST_ROOT",
    *SHORT_WINDOWS,
}


@pytest.fixture
def var(tmp_path: Path) -> Path:
    return tmp_path / "var"


@pytest.fixture
def demo(var: Path) -> Iterator[Demo]:
    """Start the demo: `demo("--exit", PORT="0")`."""
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: str, **env: str) -> subprocess.Popen[str]:
        own = {name: value for name, value in os.environ.items() if name not in _OF_THE_TEST_RUN}
        process = subprocess.Popen(
            [sys.executable, "manage.py", "demo", *arguments],
            cwd=PROJECT,
            env=own | {"VAR_DIR": str(var), "PORT": "0"} | env,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)


@pytest.fixture
def record(var: Path) -> Callable[[], dict[str, Any]]:
    """Read `demo.json`."""

    def read() -> dict[str, Any]:
        found: dict[str, Any] = json.loads((var / "demo.json").read_text())
        return found

    return read
