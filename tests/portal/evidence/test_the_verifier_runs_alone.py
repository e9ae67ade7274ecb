"""verify.py from the pack itself, in a folder of its own: with Python alone, and with the package for signatures."""

import subprocess
import sys
import venv
from pathlib import Path

import pytest

from tests.portal.evidence.conftest import Witness
from tests.portal.evidence.packs import changed, contents, made

#: Runs a script with every way to the network taken away.
_WITHOUT_NETWORK = """
import runpy, socket, sys
def refuse(*_, **__):
    raise AssertionError("the verifier asked for the network")
socket.socket = socket.create_connection = socket.getaddrinfo = refuse
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


@pytest.fixture
def case(tmp_path: Path, witness: Witness) -> Path:
    """What an auditor has: the pack, verify.py taken out of it, and the checkpoints of earlier."""
    folder = tmp_path / "auditor"
    folder.mkdir()
    (folder / "pack.zip").write_bytes(made())
    (folder / "verify.py").write_bytes(contents(made())["verify.py"])
    (folder / "known.txt").write_bytes(b"".join(witness.known) + b"genesys-sms-portal/checkpoint/v1\nnumber 9\ncut o")
    broken = changed(made(), "events.jsonl", lambda data: data.replace(b"Acme 1", b"Acme 9", 1))
    (folder / "broken.zip").write_bytes(broken)
    return folder


def run(python: Path | str, case: Path, *arguments: str) -> tuple[int, str]:
    command = [str(python), "-I", "-c", _WITHOUT_NETWORK, "verify.py", *arguments]
    done = subprocess.run(command, cwd=case, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    return done.returncode, done.stdout


def test_with_the_package_it_judges_all(case: Path) -> None:
    code, said = run(sys.executable, case, "pack.zip", "--known-checkpoint", "known.txt")
    assert (code, said.splitlines()[0]) == (0, "WHOLE")
    assert "Key fingerprint: " in said
    assert "Anchored: checkpoint 3" in said
    code, said = run(sys.executable, case, "pack.zip")
    assert code == 0
    assert "NOT ANCHORED" in said
    code, said = run(sys.executable, case, "broken.zip")
    assert code == 1
    assert said.startswith("BROKEN\nEvent 1 of chain 00000000-0000-0000-0000-000000000001: ")


def test_in_an_empty_environment_it_says_that_signatures_were_not_checked(case: Path) -> None:
    venv.create(case / "venv", with_pip=False, symlinks=True)
    python = case / "venv" / "bin" / "python"
    code, said = run(python, case, "pack.zip", "--known-checkpoint", "known.txt")
    assert (code, said.splitlines()[0]) == (2, "CANNOT BE JUDGED")
    assert "SIGNATURES NOT CHECKED" in said
    assert "Anchored: checkpoint 3" in said
    assert run(python, case, "broken.zip")[0] == 1


@pytest.mark.parametrize("arguments", [["verify.py"], ["nothing.zip"], ["pack.zip", "--known-checkpoint", "pack.zip"]])
def test_what_is_no_pack_or_no_checkpoint_is_unusable(case: Path, arguments: list[str]) -> None:
    code, said = run(sys.executable, case, *arguments)
    assert (code, said.splitlines()[0]) == (2, "CANNOT BE JUDGED")
