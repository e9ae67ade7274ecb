import io
import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from portal.audit.actors import command_line
from portal.audit.event_lookup import fields
from portal.audit.models import Event
from portal.audit.verbs import Verb
from portal.vault import keyset_file, rotation
from portal.vault.encryption import EncryptionContext, decrypt, encrypt, key_id
from portal.vault.keyset import KeysetUnusable, cipher, new_keyset
from portal.vault.models import Credential
from tests.portal.vault_keys.conftest import by_key, opened, secrets, under, unreadable

pytestmark = pytest.mark.usefixtures("db")


def rotate() -> list[str]:
    return list(rotation.rotate(command_line(), grace=0))


def status() -> list[str]:
    out = io.StringIO()
    call_command("vault", "status", stdout=out)
    return out.getvalue().splitlines()


def rotations() -> list[dict[str, Any]]:
    events = Event.objects.filter(verb=Verb.KEYS_ROTATED).order_by("seq")
    return [fields(event)["changes"] for event in events]


@pytest.fixture
def old(keyset: Path) -> int:
    """The only key, under which lie seven secrets and one draft."""
    secrets(7)
    return rotation.primary()


def test_everything_lies_under_the_new_key_and_opens(old: int) -> None:
    assert by_key() == {old: 8}
    said = rotate()
    new = rotation.primary()
    assert by_key() == {old: 0, new: 8}
    assert unreadable() == []
    assert said[:2] == [f"Key {new} added.", f"Key {new} promoted: it seals from now on."]
    assert {"vault.Credential.ciphertext: 7 sealed again.", "provisioning.Setup.answers: 1 sealed again."} <= set(said)
    assert said[-1] == f"Disabled: {old}."


def test_the_older_key_is_disabled_and_kept(old: int) -> None:
    rotate()
    assert rotation.key_states() == {old: "DISABLED", rotation.primary(): "ENABLED"}


def test_it_is_one_event_of_the_site(old: int) -> None:
    rotate()
    moved = rotations()[0]["sealed again"][1]
    assert len(rotations()) == 1
    assert rotations()[0]["disabled"] == [None, [old]]
    assert (moved["vault.Credential.ciphertext"], moved["provisioning.Setup.answers"]) == (7, 1)


def test_status_says_of_each_key_what_it_does_and_holds(old: int) -> None:
    assert status()[0].startswith(f"key {old}: seals; ")
    assert "vault.Credential.ciphertext 7" in status()[0]
    new, _ = rotation.add()
    assert [line.split("; ")[0] for line in status()] == [f"key {old}: seals", f"key {new}: opens"]
    rotate()
    assert [line.split("; ")[0] for line in status()] == [f"key {old}: disabled", f"key {new}: seals"]
    assert "vault.Credential.ciphertext 7" in status()[1]


def test_a_second_one_takes_a_third_key(old: int) -> None:
    rotate()
    rotate()
    assert sorted(by_key().values()) == [0, 0, 8]
    assert len(rotations()) == 2


def test_only_adding_adds_once_and_seals_nothing_with_it(old: int) -> None:
    added = rotation.add()
    assert rotation.add() == (added[0], False)
    assert rotation.primary() == old
    cipher()
    assert rotate()[0] == f"Going on with key {added[0]}."
    assert rotation.primary() == added[0]


def test_only_promoting_needs_a_key_that_waits(old: int) -> None:
    with pytest.raises(CommandError, match="No key waits to be promoted"):
        call_command("vault", "rotate", "--promote-only")
    new, _ = rotation.add()
    call_command("vault", "rotate", "--promote-only", grace=0, stdout=io.StringIO())
    assert (rotation.primary(), under(old)) == (new, 8)
    assert fields(Event.objects.get(verb="keys.promoted"))["changes"] == {"primary": [old, new]}
    assert rotate()[0] == f"Going on with key {new}."
    assert by_key() == {old: 0, new: 8}


def test_what_was_stored_meanwhile_is_not_put_back(old: int, monkeypatch: pytest.MonkeyPatch) -> None:
    row = Credential.objects.all()[0]
    honest = decrypt

    def slow(ciphertext: bytes, place: EncryptionContext) -> bytes:
        """While it opens this one, somebody stores another value there."""
        if place == row.place():
            newer = encrypt(f"value of {row.pk}, newer".encode(), place)
            Credential.objects.filter(pk=row.pk).update(ciphertext=newer)
        return honest(ciphertext, place)

    monkeypatch.setattr(rotation, "decrypt", slow)
    rotate()
    monkeypatch.undo()
    row.refresh_from_db()
    assert opened(row).endswith("newer")


# What stands in its way


def test_a_row_that_does_not_open_is_named_and_keeps_its_key(old: int) -> None:
    row = Credential.objects.all()[0]
    Credential.objects.filter(pk=row.pk).update(ciphertext=bytes(row.ciphertext)[:-1] + b"x")
    said = rotate()
    assert any(f"1 do not open and stay as they are ({row.pk})" in line for line in said)
    assert said[-1] == "Disabled: none."
    assert by_key() == {old: 1, rotation.primary(): 7}
    Credential.objects.filter(pk=row.pk).update(ciphertext=encrypt(f"value of {row.pk}".encode(), row.place()))
    assert rotate()[-1] == f"Disabled: {old}."
    assert [event["disabled"][1] for event in rotations()] == [[], [old]]


def test_ciphertexts_of_a_key_that_is_elsewhere_stop_it_before_it_begins(
    old: int, keyset: Path, tmp_path: Path
) -> None:
    before = keyset.read_text()
    keyset.write_text(new_keyset())
    with pytest.raises(CommandError, match=f"lacks keys that something is sealed with: 8 under key {old}"):
        call_command("vault", "rotate", grace=0)
    assert status()[1].startswith(f"key {old}: not in this keyset; ")
    assert len(rotation.key_states()) == 1
    keyset.write_text(before)
    assert unreadable() == []


def test_a_key_that_was_disabled_too_early_is_enabled_again(old: int, keyset: Path) -> None:
    rotate()
    edited = json.loads(keyset.read_text())
    late = Credential.objects.all()[0]
    keys = edited["aead"]["key"]
    keys[0]["status"], edited["aead"]["primaryKeyId"] = "ENABLED", old
    keyset.write_text(json.dumps(edited))
    Credential.objects.filter(pk=late.pk).update(ciphertext=encrypt(f"value of {late.pk}".encode(), late.place()))
    keys[0]["status"], edited["aead"]["primaryKeyId"] = "DISABLED", keys[1]["keyId"]
    keyset.write_text(json.dumps(edited))
    assert rotate()[0] == f"Key {old} enabled again: it still holds 1."
    assert unreadable() == []
    assert under(old) == 0


def test_two_at_once_do_not_take_each_others_keys_away(old: int) -> None:
    with keyset_file.alone(), pytest.raises(CommandError, match="are being rotated already"):
        call_command("vault", "rotate", grace=0)
    with keyset_file.alone(), pytest.raises(CommandError, match="are being rotated already"):
        call_command("vault", "rotate", "--add-only")
    assert len(rotation.key_states()) == 1


def test_a_keyset_of_the_environment_cannot_be_rotated(old: int, keyset: Path, settings: Settings) -> None:
    settings.VAULT_KEYSET = keyset.read_text()
    with pytest.raises(CommandError, match=r"Put it into a file \(VAULT_KEYSET_FILE\)"):
        call_command("vault", "rotate")


def test_a_folder_that_cannot_be_written_is_one_line(old: int, keyset: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path, text: str) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(keyset_file, "write_private", refuse)
    with pytest.raises(CommandError, match=r"Permission denied\. The keyset is as it was"):
        call_command("vault", "rotate", grace=0)


# The file


def test_the_file_stays_its_owners(old: int, keyset: Path) -> None:
    os.chown(keyset, 12345, 12345) if os.getuid() == 0 else None
    before = keyset.stat()
    rotate()
    after = keyset.stat()
    assert stat.S_IMODE(after.st_mode) == 0o600
    assert (after.st_uid, after.st_gid) == (before.st_uid, before.st_gid)
    assert sorted(path.name for path in keyset.parent.iterdir()) == [".keyset.json.lock", "keyset.json"]


def test_a_link_to_the_file_stays_one(old: int, keyset: Path, settings: Settings) -> None:
    link = keyset.with_name("link.json")
    link.symlink_to(keyset)
    settings.VAULT_KEYSET_FILE = str(link)
    rotate()
    assert link.is_symlink()
    assert json.loads(keyset.read_text())["aead"]["primaryKeyId"] == rotation.primary()


def test_an_edit_that_would_lock_everybody_out_is_not_written(old: int, keyset: Path) -> None:
    before = keyset.read_text()
    with pytest.raises(KeysetUnusable):
        keyset_file.change(lambda aead: aead.update(primaryKeyId=1))
    assert keyset.read_text() == before


def test_two_changes_within_one_tick_of_the_clock_are_both_noticed(old: int, keyset: Path) -> None:
    new, _ = rotation.add()
    tick = keyset.stat().st_mtime_ns
    cipher()
    keyset_file.change(lambda aead: aead.update(primaryKeyId=new))
    os.utime(keyset, ns=(tick, tick))
    row = Credential.objects.all()[0]
    assert key_id(encrypt(b"x", row.place())) == new
