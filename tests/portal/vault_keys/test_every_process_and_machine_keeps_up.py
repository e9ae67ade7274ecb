"""A rotation changes a file: processes that run already notice, and machines with copies of it are never locked out."""

import json
import os
import shutil
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from portal.audit.actors import command_line
from portal.vault import rotation
from portal.vault.encryption import encrypt, key_id
from portal.vault.keyset import demand_usable
from portal.vault.models import Credential
from tests.portal.vault_keys.conftest import by_key, opened, secrets, unreadable
from tests.support.files import PROJECT

#: Reads or writes the row that it is told, one a line.
_OLD_HAND = """
import sys, django
django.setup()
from portal.audit.commit_guard import unaudited
from portal.vault.models import Credential
from portal.vault.encryption import key_id, encrypt
from tests.portal.vault_keys.conftest import opened
for line in sys.stdin:
    verb, pk = line.split()
    row = Credential.objects.get(pk=pk)
    if verb == "write":
        row.ciphertext = encrypt(f"value of {pk}, rewritten".encode(), row.place())
        with unaudited():  # the test arranges it
            row.save()
    print(opened(row), key_id(row.ciphertext), sep="|", flush=True)
"""


class OldHand:
    """A process that started before the rotation."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def do(self, verb: str, row: Credential) -> tuple[str, int]:
        """Let it read or write the row; what it holds then, and under which key."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        print(verb, row.pk, file=self.process.stdin, flush=True)
        value, _, key = self.process.stdout.readline().strip().rpartition("|")
        return value, int(key)


@pytest.fixture
def old_hand(keyset: Path, transactional_db: None) -> Iterator[OldHand]:
    env = os.environ | {"VAULT_KEYSET_FILE": str(keyset), "DJANGO_SETTINGS_MODULE": "tests.support.settings"}
    command = [sys.executable, "-c", _OLD_HAND]
    process = subprocess.Popen(command, cwd=PROJECT, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    yield OldHand(process)
    process.communicate()


def test_a_process_that_started_before_reads_and_writes_afterwards(old_hand: OldHand) -> None:
    first, second, third = secrets(3)
    old = rotation.primary()
    assert old_hand.do("read", first) == (f"value of {first.pk}", old)
    list(rotation.rotate(command_line(), grace=0))
    new = rotation.primary()
    assert old_hand.do("read", second) == (f"value of {second.pk}", new)
    assert old_hand.do("write", third) == (f"value of {third.pk}, rewritten", new)
    assert unreadable() == []


def test_whoever_reads_the_file_meanwhile_reads_all_of_it(keyset: Path, transactional_db: None) -> None:
    secrets(3)
    troubles, texts, done = list[str](), set[str](), threading.Event()

    def read_on() -> None:
        while not done.is_set():
            try:
                text = keyset.read_text()
                demand_usable(text)
                texts.add(text)
                assert stat.S_IMODE(keyset.stat().st_mode) == 0o600
            except Exception as error:  # noqa: BLE001 - told to the test
                troubles.append(repr(error))

    reader = threading.Thread(target=read_on)
    reader.start()
    for _ in range(10):
        list(rotation.rotate(command_line(), grace=0.01))
    done.set()
    reader.join(10)
    assert troubles == []
    assert len(texts) > 5


# Several machines, each with a copy of the file

Machines = Callable[[str], Path]


def _write(row: Credential, text: str) -> int:
    """Store another value, as whoever works on this machine does; return the key that sealed it."""
    row.ciphertext = encrypt(f"value of {row.pk}, {text}".encode(), row.place())
    row.save()
    return key_id(row.ciphertext)


def _all_read_on(machines: Machines, *names: str) -> None:
    for name in names:
        machines(name)
        assert unreadable() == [], f"on machine {name}"


def test_with_a_copy_after_each_step_no_machine_is_ever_locked_out(machines: Machines, db: None) -> None:
    rows = secrets(6)
    here = machines("a")
    there = machines("b")

    def copy() -> None:
        _all_read_on(machines, "a", "b")
        shutil.copy(here, there)
        _all_read_on(machines, "b", "a")

    old = rotation.primary()
    machines("a")
    new, _ = rotation.add()
    assert _write(rows[0], "a") == old
    machines("b")
    assert _write(rows[1], "b") == old
    copy()
    rotation.promote(command_line(), grace=0)
    assert _write(rows[2], "a") == new
    machines("b")
    assert _write(rows[3], "b") == old, "it has not heard of the promotion"
    copy()
    machines("b")
    assert _write(rows[4], "b") == new
    machines("a")
    list(rotation.rotate(command_line(), grace=0))
    copy()
    assert by_key() == {old: 0, new: 7}
    assert sorted(opened(row).rpartition(", ")[2][:1] for row in Credential.objects.all()) == list("aabbbv")


def test_what_a_machine_with_an_old_copy_sealed_is_taken_up_by_the_next_rotation(machines: Machines, db: None) -> None:
    rows = secrets(3)
    old = rotation.primary()
    machines("b")
    machines("a")
    list(rotation.rotate(command_line(), grace=0))
    machines("b")
    assert _write(rows[0], "b") == old
    machines("a")
    said = list(rotation.rotate(command_line(), grace=0))
    assert said[0] == f"Key {old} enabled again: it still holds 1."
    assert unreadable() == []


def test_a_copy_that_keeps_the_files_time_is_noticed(machines: Machines, db: None) -> None:
    secrets(3)
    there, here = machines("b"), machines("a")
    list(rotation.rotate(command_line(), grace=0))
    machines("b")
    before = there.stat()
    shutil.copy2(here, there)
    os.utime(there, ns=(before.st_atime_ns, before.st_mtime_ns + 1))
    assert json.loads(there.read_text())["aead"]["primaryKeyId"] == rotation.primary()
    assert unreadable() == []
