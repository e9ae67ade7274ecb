"""Startup: each process refuses wrong settings before it does anything, and development makes its own secrets."""

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from portal.devtools.services import commands, ports
from tests.portal.settings.test_checks import (  # noqa: F401 - fixtures
    PREPARE,
    checkpoint_key,
    keyset,
    reasons,
    safe,
)

_SHOW = (
    f"{PREPARE}; from django.conf import settings; "
    "print(settings.SECRET_KEY, settings.ALLOWED_HOSTS, settings.VAULT_KEYSET_FILE)"
)


def start(**environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", _SHOW], env=environment, capture_output=True, text=True, check=False, timeout=60
    )


def test_the_secret_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    var = tmp_path / "new" / "var"
    first, second = start(VAR_DIR=str(var)), start(VAR_DIR=str(var))
    assert first.returncode == 0
    assert first.stdout == second.stdout
    secret = var / "secret_key"
    assert first.stdout.startswith(secret.read_text())
    assert len(secret.read_text()) >= 50
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600


def test_each_folder_has_a_secret_of_its_own(tmp_path: Path) -> None:
    assert start(VAR_DIR=str(tmp_path / "a")).stdout != start(VAR_DIR=str(tmp_path / "b")).stdout


def test_a_given_secret_is_taken_and_the_folder_is_made_all_the_same(tmp_path: Path) -> None:
    ran = start(VAR_DIR=str(tmp_path / "var"), SECRET_KEY="given")
    assert ran.stdout.startswith("given ")
    assert list((tmp_path / "var").iterdir()) == []


def test_only_loopback_is_answered(tmp_path: Path) -> None:
    assert "['localhost', '127.0.0.1', '[::1]']" in start(VAR_DIR=str(tmp_path)).stdout


@pytest.mark.parametrize("environment", [{}, {"SECRET_KEY": "given"}])
def test_a_folder_that_cannot_be_written_is_one_line(tmp_path: Path, environment: dict[str, str]) -> None:
    (tmp_path / "file").touch()
    ran = start(VAR_DIR=str(tmp_path / "file" / "var"), **environment)
    assert ran.returncode == 1
    [line] = ran.stderr.splitlines()
    assert line == (
        f"The portal does not start: {tmp_path}/file/var cannot be written (Not a directory); "
        "choose another folder with VAR_DIR."
    )


WRONG = {
    "LOG_LEVEL": "info",
    "SECRET_KEY": "",
    "VAULT_KEYSET_FILE": "/nowhere/keyset",
    "STEP_UP_SECONDS": "40000",
}
REFUSALS = [
    "LOG_LEVEL is 'info'; it must be DEBUG, INFO, WARNING, ERROR or CRITICAL.",
    "SECRET_KEY must be set to at least 50 random characters.",
    (
        "VAULT_KEYSET_FILE names /nowhere/keyset, which is not there; "
        "`env PORTAL_ENV=development manage.py vault new-keyset --out FILE` makes one."
    ),
    "STEP_UP_SECONDS is 40000; it must be at most SESSION_ABSOLUTE_SECONDS (36000).",
]


def _processes() -> dict[str, list[str]]:
    """The arguments of Python for each kind of process."""
    found = {
        "web": commands.web(ports.free_port()),
        "worker": commands.worker(),
        "worker of orders": commands.order_worker(),
        "beat": commands.beat(),
    }
    return {name: command[1:] for name, command in found.items()} | {
        "manage.py": ["manage.py"],
        "manage.py migrate": ["manage.py", "migrate"],
        "manage.py runserver": ["manage.py", "runserver", "--noreload", "0"],
        "manage.py help": ["manage.py", "help"],
        "manage.py check of something else": ["manage.py", "vault", "check"],
        "wsgi": ["-c", "import portal.wsgi"],
    }


@pytest.mark.sweep
@pytest.mark.parametrize("process", _processes())
def test_no_process_starts_with_wrong_settings(process: str, safe: dict[str, str], tmp_path: Path) -> None:  # noqa: F811 - the fixture
    before = sorted(tmp_path.iterdir())
    assert reasons(safe | WRONG, *_processes()[process]) == REFUSALS
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.sweep
@pytest.mark.parametrize("process", [*_processes(), "manage.py check"])
def test_no_process_of_development_starts_where_it_cannot_write(process: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    command = (_processes() | {"manage.py check": ["manage.py", "check"]})[process]
    assert reasons({"VAR_DIR": str(tmp_path / "file" / "var")}, *command) == [
        f"{tmp_path}/file/var cannot be written (Not a directory); choose another folder with VAR_DIR."
    ]


@pytest.mark.parametrize("command", [("manage.py", "check"), ("-W", "ignore", "-c", "import portal.wsgi")])
def test_development_starts_with_nothing_in_the_environment_but_a_folder(
    command: tuple[str, ...], tmp_path: Path
) -> None:
    ran = subprocess.run(
        [sys.executable, *command],
        env={"VAR_DIR": str(tmp_path / "var")},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    assert (tmp_path / "var" / "secret_key").exists()
