"""When a checkpoint is signed, how the key is rotated, and what happens when key or folder fail."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import TestCase
from django.utils import timezone
from pytest_django import Settings

from portal.audit.actors import command_line
from portal.audit.checkpoints import folder, keys, signing
from portal.audit.integrity_check import verify_database
from portal.audit.models import SITE_CHAIN, Checkpoint, Event
from portal.audit.recording import Target, record, record_many
from portal.audit.verbs import Verb
from portal.audit.verifier import verify
from portal.evidence import alerts, anchoring
from portal.evidence.anchoring import anchor
from portal.evidence.models import Anchoring
from tests.portal.audit.conftest import ANN, append
from tests.portal.evidence.conftest import ONE, Witness, sign

pytestmark = pytest.mark.databases


def said(number: int) -> verify.Checkpoint:
    return signing.read(Checkpoint.objects.get(pk=number))


def test_each_lists_what_moved_since_the_one_before_and_carries_its_hash(witness: Witness) -> None:
    append(ONE)
    sign()
    assert [len(said(number).heads) for number in (1, 2, 3, 4)] == [2, 2, 2, 1]
    assert said(4).heads[0][:2] == (verify.hashed_chain(str(ONE)), 7)
    assert said(4).previous == said(3).hash
    assert said(1).previous == verify.NO_CHECKPOINT


def test_its_bytes_are_those_of_the_description(witness: Witness) -> None:
    note = bytes(Checkpoint.objects.get(pk=3).note)
    text, _, signature = note.partition(b"\n\n")
    assert text.split(b"\n")[0] == b"genesys-sms-portal/checkpoint/v1"
    assert [line.split(b" ")[0] for line in text.split(b"\n")[1:]] == [
        b"number",
        b"time",
        b"previous",
        b"key",
        b"chain",
        b"chain",
    ]
    assert signature.startswith("— sms-portal-history ".encode())
    assert said(3).key.text.startswith(f"sms-portal-history+{keys.signer().key.id.hex()}+")


def test_a_quiet_portal_signs_every_hour_only(witness: Witness, monkeypatch: pytest.MonkeyPatch) -> None:
    now = timezone.now()
    assert signing.make() is None
    monkeypatch.setattr(timezone, "now", lambda: now + timedelta(minutes=61))
    made = signing.make()
    assert made is not None
    assert said(made.number).heads == []


URGENT = [Verb.ROLE_GRANTED, Verb.CREDENTIAL_REPLACED, Verb.PERSON_ADDED, Verb.EVIDENCE_ASKED, Verb.KEYS_ROTATED]


@pytest.mark.parametrize("verb", [*URGENT, Verb.TENANT_CHANGED])
def test_urgent_events_are_signed_at_once_after_the_commit(
    anchored: Path, monkeypatch: pytest.MonkeyPatch, verb: Verb
) -> None:
    sent: list[str] = []
    monkeypatch.setattr("portal.core.tasks.publish._relay_put", lambda wake_up: sent.append(wake_up.task))
    target = Target("thing", "1", "A thing")
    with TestCase.captureOnCommitCallbacks(execute=True), transaction.atomic():
        record(verb, target, ANN, tenant_id=ONE)
        record_many([], ANN)
        assert sent == []
    assert sent == ([anchoring.TASK] if verb in URGENT else [])


def test_an_event_that_is_undone_is_in_no_checkpoint(witness: Witness) -> None:
    with transaction.atomic():
        append(ONE)
        transaction.set_rollback(True)
    assert signing.make() is None


# --- the key --------------------------------------------------------------------------------------------------


def test_a_rotation_is_signed_by_both_keys_and_told(witness: Witness) -> None:
    old = keys.signer().key
    made = signing.rotate(command_line())
    new = keys.signer().key
    assert new != old
    rotation = said(made.number)
    assert (rotation.key, rotation.new_key, len(rotation.note.signatures)) == (old, new, 2)
    assert said(sign().number).key == new
    assert Event.objects.get(chain=SITE_CHAIN).verb == Verb.CHECKPOINT_KEY_ROTATED
    assert verify_database().problems == []


def test_a_rotation_that_dies_before_the_file_is_replaced_goes_on(
    witness: Witness, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(keys, "adopt", lambda: None)  # as after kill -9
        made = signing.rotate(command_line())
    append(ONE)
    assert said(sign().number).key == said(made.number).next_key
    assert verify_database().problems == []


def test_a_rotation_that_dies_before_the_commit_leaves_the_old_key(witness: Witness) -> None:
    waiting = keys.prepare()
    assert said(sign().number).key != waiting.key
    assert said(signing.rotate(command_line()).number).new_key == waiting.key


@pytest.mark.parametrize("text", ["", "nonsense", "PRIVATE+KEY+sms-portal-history+00000000+AAAA", "another key"])
def test_another_key_or_none_is_an_alert_and_no_crash(
    witness: Witness, settings: Settings, tmp_path: Path, text: str
) -> None:
    (tmp_path / "checkpoint-key").write_text(keys.new_key_text() if text == "another key" else text)
    append(ONE)
    assert anchor() is None
    assert alerts.not_anchored() == Anchoring.objects.get().trouble != ""
    assert signing.last() == Checkpoint.objects.get(pk=3)


def test_production_makes_no_key(anchored: Path, settings: Settings, tmp_path: Path) -> None:
    settings.PRODUCTION = True
    with pytest.raises(keys.KeyUnusable):
        keys.signer()
    assert not (tmp_path / "checkpoint-key").exists()


def test_the_key_is_for_its_owner_only(witness: Witness, tmp_path: Path) -> None:
    assert (tmp_path / "checkpoint-key").stat().st_mode & 0o777 == 0o600


# --- the folder -----------------------------------------------------------------------------------------------


def lines(folder_: Path) -> bytes:
    return b"".join(file.read_bytes() for file in sorted(folder_.glob("checkpoints-*.txt")))


def test_the_folder_holds_every_checkpoint_one_after_the_other(witness: Witness) -> None:
    assert lines(witness.folder) == b"".join(witness.known)
    assert verify.read_known(lines(witness.folder)) == witness.known


def test_a_folder_that_cannot_be_written_is_an_alert_and_is_made_good_later(
    witness: Witness, settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    settings.CHECKPOINT_FOLDER = str(tmp_path / "file" / "folder")
    append(ONE)
    assert anchor() is not None
    assert "cannot be used" in str(alerts.not_anchored())
    settings.CHECKPOINT_FOLDER = str(witness.folder)
    anchor()
    assert alerts.not_anchored() is None
    assert verify_database().in_folder == 4


@pytest.mark.parametrize("kept", [1, 40, 200, -1])
def test_a_checkpoint_that_was_cut_off_in_writing_is_written_again(witness: Witness, kept: int) -> None:
    append(ONE)
    sign()
    [file] = witness.folder.glob("checkpoints-*.txt")
    before = len(b"".join(witness.known))
    whole = file.read_bytes()
    file.write_bytes(whole[: before + kept] if kept > 0 else whole[:kept])
    folder.append()
    found = verify.read_known(file.read_bytes())
    assert found[-1] == bytes(Checkpoint.objects.get(pk=4).note)
    assert {verify.Checkpoint.parse(note).number for note in found} == {1, 2, 3, 4}
    assert verify_database().problems == []


def test_without_a_folder_nothing_is_written_and_nothing_is_wrong(witness: Witness, settings: Any) -> None:
    settings.CHECKPOINT_FOLDER = ""
    append(ONE)
    assert anchor() is not None
    assert alerts.not_anchored() is None


def test_silence_for_two_hours_is_an_alert(witness: Witness, monkeypatch: pytest.MonkeyPatch) -> None:
    now = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: now + timedelta(hours=3))
    assert "No checkpoint" in str(alerts.not_anchored())
