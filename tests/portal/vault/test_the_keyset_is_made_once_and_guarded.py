import json
import stat
import subprocess
import sys
import time
import traceback
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from portal.vault.encryption import EncryptionContext, decrypt, encrypt
from portal.vault.keyset import KeysetUnusable, cipher, fingerprinter, keyset_text, new_keyset

#: Starts, waits for the others, then asks for the keyset.
_STARTS = """
import sys, time
from pathlib import Path
from portal.core.secret_files import read_or_make
from portal.vault.keyset import new_keyset
path = Path(sys.argv[1])
print("ready", flush=True)
sys.stdin.read()
print(read_or_make(path, new_keyset), end="")
"""


@pytest.fixture
def keyset_file(tmp_path: Path, settings: Settings) -> Path:
    settings.VAULT_KEYSET, settings.VAULT_KEYSET_FILE = "", str(tmp_path / "var" / "keyset.json")
    return tmp_path / "var" / "keyset.json"


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_development_makes_it_on_first_use_for_its_owner_only(keyset_file: Path) -> None:
    cipher()
    assert mode(keyset_file) == 0o600
    assert set(json.loads(keyset_file.read_text())) == {"aead", "prf"}


def test_later_uses_keep_it(keyset_file: Path) -> None:
    cipher()
    before = keyset_file.read_text()
    fingerprinter()
    cipher()
    assert keyset_file.read_text() == before


def test_eight_processes_that_start_at_once_get_one_keyset(tmp_path: Path) -> None:
    path = tmp_path / "keyset.json"
    command = [sys.executable, "-c", _STARTS, str(path)]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    started = [subprocess.Popen(command, **pipes) for _ in range(8)]
    for process in started:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in started:
        assert process.stdin is not None
        process.stdin.close()
        process.stdin = None
    texts = {process.communicate(timeout=30)[0] for process in started}
    assert texts == {path.read_text()}
    assert mode(path) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_changed_file_is_noticed_at_the_next_use(keyset_file: Path) -> None:
    place = EncryptionContext(UUID(int=1), "m", UUID(int=2), "f")
    cipher()
    time.sleep(0.01)
    keyset_file.write_text(new_keyset())
    assert decrypt(encrypt(b"x", place), place) == b"x"
    assert keyset_text() == keyset_file.read_text()


CANARY = "CNRYaGVsbG8gd29ybGQgdGhpcyBpcyBhIGtleSBieXRlcw=="


def _with(edit: Callable[[dict[str, Any]], object]) -> str:
    keyset = json.loads(new_keyset())
    edit(keyset)
    return json.dumps(keyset)


BROKEN = {
    "empty": "",
    "a space": " ",
    "no JSON": f"{{{CANARY}",
    "a list": f'["{CANARY}"]',
    "a number": "7",
    "one purpose": _with(lambda keyset: keyset.pop("prf") and keyset.pop("aead")),
    "no keys": '{"aead": {}, "prf": {}}',
    "damaged key": _with(lambda keyset: keyset["aead"]["key"][0]["keyData"].update(value=CANARY)),
    "key of no base64": _with(lambda keyset: keyset["aead"]["key"][0]["keyData"].update(value=f"!{CANARY}")),
    "no key data": _with(lambda keyset: keyset["aead"]["key"][0].update(keyData=CANARY)),
    "disabled": _with(lambda keyset: keyset["aead"]["key"][0].update(status="DISABLED")),
    "no primary": _with(lambda keyset: keyset["aead"].update(primaryKeyId=7)),
    "keys for something else": _with(lambda keyset: keyset.update(aead=keyset["prf"])),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_keyset_is_a_sentence_and_never_its_text(keyset_file: Path, what: str) -> None:
    keyset_file.parent.mkdir()
    keyset_file.write_text(BROKEN[what])
    with pytest.raises(KeysetUnusable, match=r"The vault's keyset cannot be read\. Check VAULT_KEYSET_FILE") as raised:
        cipher()
    assert CANARY not in "".join(traceback.format_exception(raised.value))


def test_a_file_that_is_no_text_is_a_sentence(keyset_file: Path) -> None:
    keyset_file.parent.mkdir()
    keyset_file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(KeysetUnusable):
        cipher()


def test_a_folder_in_place_of_the_file_is_a_sentence(keyset_file: Path) -> None:
    keyset_file.mkdir(parents=True)
    with pytest.raises(KeysetUnusable):
        cipher()


def test_production_makes_none(keyset_file: Path, settings: Settings) -> None:
    settings.PRODUCTION = True
    with pytest.raises(KeysetUnusable):
        cipher()
    assert not keyset_file.exists()


def test_the_environment_can_hold_it(keyset_file: Path, settings: Settings) -> None:
    settings.VAULT_KEYSET = new_keyset()
    cipher()
    assert not keyset_file.exists()


def test_it_is_not_made_from_the_secret_key(keyset_file: Path, settings: Settings) -> None:
    place = EncryptionContext(UUID(int=1), "m", UUID(int=2), "f")
    sealed = encrypt(b"x", place)
    settings.SECRET_KEY = "another secret key " * 4
    assert decrypt(sealed, place) == b"x"
    assert new_keyset() != new_keyset()


def test_the_command_writes_one_for_its_owner_only(tmp_path: Path) -> None:
    out = tmp_path / "new" / "keyset.json"
    said = StringIO()
    call_command("vault", "new-keyset", "--out", str(out), stdout=said)
    assert mode(out) == 0o600
    assert str(out) in said.getvalue()
    assert not any(key["keyData"]["value"] in said.getvalue() for key in json.loads(out.read_text())["aead"]["key"])


def test_the_command_never_overwrites_one(tmp_path: Path) -> None:
    out = tmp_path / "keyset.json"
    out.write_text("precious")
    with pytest.raises(CommandError, match=r"is there already\. A keyset is never overwritten"):
        call_command("vault", "new-keyset", "--out", str(out))
    assert out.read_text() == "precious"


def test_the_command_says_where_it_cannot_write(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CommandError, match="cannot be written"):
        call_command("vault", "new-keyset", "--out", str(tmp_path / "file" / "keyset.json"))
