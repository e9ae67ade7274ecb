import stat
import subprocess
import sys
from pathlib import Path

import pytest

_SHOW = "from portal import settings; print(settings.SECRET_KEY, settings.ALLOWED_HOSTS, settings.VAULT_KEYSET_FILE)"


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
