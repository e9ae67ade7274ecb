"""`make install` on machines that lack something: one clear line, and no traceback."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.files import PROJECT


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    folder = tmp_path / "clone"
    folder.mkdir()
    for name in ("Makefile", "requirements-dev.txt"):
        shutil.copy(PROJECT / name, folder)
    return folder


def tools(folder: Path, **pythons: str) -> str:
    """A PATH with the commands of a bare machine, and interpreters that say of themselves what is given."""
    folder.mkdir()
    for name in ("sh", "mkdir", "touch", "rm", "awk"):
        (folder / name).symlink_to(str(shutil.which(name)))
    for name, script in pythons.items():
        path = folder / name.replace("_", ".")
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
    return str(folder)


def make(clone: Path, path: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(shutil.which("make")), *arguments],
        cwd=clone,
        env={"PATH": path, "LANG": "C.UTF-8"},
        capture_output=True,
        text=True,
        check=False,
    )


def said(result: subprocess.CompletedProcess[str]) -> list[str]:
    """What make printed on stderr, without its own closing line."""
    return [line for line in result.stderr.splitlines() if "***" not in line]


def test_a_machine_without_python_is_told(clone: Path, tmp_path: Path) -> None:
    result = make(clone, tools(tmp_path / "bin"), "install")
    assert result.returncode != 0
    assert said(result) == ["make: Python 3.11.2 to 3.13 is needed; none was found. PYTHON=… names one."]


def test_a_too_new_python_is_named_with_its_version(clone: Path, tmp_path: Path) -> None:
    too_new = 'case "$2" in *print*) echo 3.14.0 ;; *) exit 1 ;; esac'
    result = make(clone, tools(tmp_path / "bin", python3=too_new), "install")
    assert result.returncode != 0
    assert said(result) == ["make: Python 3.11.2 to 3.13 is needed; python3 is 3.14.0. PYTHON=… names one."]


def test_an_interpreter_that_only_prints_an_error_is_passed_over(clone: Path, tmp_path: Path) -> None:
    path = tools(
        tmp_path / "bin", python3_12="echo 'command not found' >&2; exit 127", python3='[ "$2" != venv ] || exit 1'
    )
    result = make(clone, path, "install")
    assert said(result) == [
        "make: python3 cannot make a virtual environment; on Debian, apt install python3-venv helps."
    ]


def test_an_interpreter_given_as_an_argument_is_the_only_one_tried(clone: Path, tmp_path: Path) -> None:
    result = make(clone, tools(tmp_path / "bin", python3="exit 0"), "install", "PYTHON=python9")
    assert said(result) == ["make: Python 3.11.2 to 3.13 is needed; none was found. PYTHON=… names one."]


def test_a_folder_that_cannot_be_written_is_told(clone: Path, tmp_path: Path) -> None:
    (clone / ".venv").write_text("a file where the folder should be: no user can write there, not even root")
    result = make(clone, tools(tmp_path / "bin", python3="exit 0"), "install")
    assert result.returncode != 0
    assert said(result) == [f"make: {clone} cannot be written; clone the project to a folder of your own."]


@pytest.mark.parametrize("target", ["install", "demo", "test", "check", "bench", "faults", "lock", "format"])
def test_make_alone_lists_every_command(clone: Path, tmp_path: Path, target: str) -> None:
    assert f"  make {target} " in make(clone, tools(tmp_path / "bin")).stdout
