"""`manage.py history …`: what it prints, and how it ends."""

from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from pytest_django import Settings

from portal.audit.checkpoints import keys
from portal.audit.integrity_check import verify_database
from portal.audit.models import SITE_CHAIN, Event, PersonalText
from portal.audit.verbs import Verb
from portal.audit.verifier import verify
from portal.evidence.actions import erase
from portal.evidence.models import Verification
from portal.tenants.models import Tenant
from tests.portal.audit.conftest import ANN, append
from tests.portal.evidence.conftest import ONE, Witness
from tests.portal.evidence.packs import contents, judged, made

pytestmark = pytest.mark.databases


def history(*arguments: object) -> str:
    out = StringIO()
    call_command("history", *map(str, arguments), stdout=out, stderr=out)
    return out.getvalue()


def test_verify_says_whole(witness: Witness) -> None:
    assert history("verify").startswith("WHOLE: 12 events in 2 chains, 3 checkpoints")
    assert Verification.objects.get().whole
    assert Event.objects.get(chain=SITE_CHAIN).verb == Verb.HISTORY_VERIFIED


def test_verify_says_where_and_ends_with_one(
    witness: Witness, attack: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    attack("DELETE FROM audit_event WHERE chain = %s AND seq = 3", str(ONE))
    with pytest.raises(SystemExit) as ended:
        call_command("history", "verify")
    assert ended.value.code == verify.BROKEN
    assert f"Event 4 of chain {ONE}: event 3 should stand here." in capsys.readouterr().out


def test_export_writes_a_pack_that_verifies(
    witness: Witness, tenant: Tenant, other_tenant: Tenant, tmp_path: Path
) -> None:
    out = tmp_path / "new" / "pack.zip"
    said = history("export", "--out", out, "--tenant", tenant.ccid, "--from", "2020-01-01")
    assert said.startswith(f"{out}: 3 events in 1 chains, closed by checkpoint 4 of ")
    assert judged(out.read_bytes(), witness.known).code == verify.WHOLE
    assert out.stat().st_mode & 0o777 == 0o600
    assert b"evidence.asked" in contents(out.read_bytes())["events.jsonl"]
    history("export", "--out", out)
    assert judged(out.read_bytes()).code == verify.WHOLE
    assert str(other_tenant.pk).encode() in contents(out.read_bytes())["MANIFEST"]
    with pytest.raises(CommandError, match="No tenant has the contact centre id"):
        history("export", "--out", out, "--tenant", ONE)


def test_a_new_key_is_written_once_with_its_fingerprint(tmp_path: Path) -> None:
    out = tmp_path / "new" / "key"
    assert keys.parse(_after(history("new-key", "--out", out), out)).key.fingerprint
    assert out.stat().st_mode & 0o777 == 0o600
    with pytest.raises(CommandError, match="never overwritten"):
        history("new-key", "--out", out)


def _after(said: str, out: Path) -> str:
    assert keys.parse(out.read_text()).key.fingerprint in said
    return out.read_text()


def test_checkpoint_and_rotate_key_tell_what_they_did(witness: Witness) -> None:
    assert history("checkpoint").startswith("Checkpoint 4 of ")
    said = history("rotate-key")
    assert said.startswith("Checkpoint 5 names the new key.")
    assert keys.signer().key.fingerprint in said
    assert verify_database().problems == []


def test_what_a_person_can_mend_is_one_line(witness: Witness, settings: Settings) -> None:
    Path(settings.CHECKPOINT_KEY_FILE).write_text("nonsense")
    for verb in ("checkpoint", "rotate-key"):
        with pytest.raises(CommandError, match="restore it from its copy"):
            history(verb)


# --- erasure --------------------------------------------------------------------------------------------------


def test_erasing_a_person_leaves_every_chain_and_pack_whole(witness: Witness) -> None:
    said = history("erase", ANN.label, "--reason", "asked to be forgotten")
    assert said.startswith("Erased, as site #1 tells.")
    assert verify_database().problems == []
    [row] = PersonalText.objects.filter(erased_by="site #1")
    assert str(row) == "(erased by site #1)"
    pack = made()
    assert judged(pack, witness.known).code == verify.WHOLE
    assert all(ANN.label.encode() not in content for content in contents(pack).values())
    event = Event.objects.get(chain=SITE_CHAIN)
    assert (event.verb, b"asked to be forgotten" in bytes(event.canonical)) == (Verb.HISTORY_ERASED, True)
    append(ONE)
    assert verify_database().problems == []


def test_what_is_not_there_or_has_no_reason_is_not_erased(witness: Witness) -> None:
    for arguments in (["nobody@example.com", "--reason", "x"], [ANN.label, "--reason", " "]):
        with pytest.raises(CommandError):
            history("erase", *arguments)
    assert not Event.objects.filter(chain=SITE_CHAIN).exists()


def test_only_who_manages_people_may_erase(witness: Witness, actor: Any) -> None:
    with pytest.raises(PermissionDenied):
        erase(actor, ANN.label, reason="x")
