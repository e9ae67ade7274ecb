"""A keyset that does not open what lies in the database is found by `check` and `vault status`, before work starts."""

import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.core.management.base import SystemCheckError

from portal.audit.actors import command_line
from portal.vault import rotation
from portal.vault.keyset import new_keyset
from portal.vault.models import Credential
from tests.portal.vault_keys.conftest import secrets

pytestmark = [pytest.mark.usefixtures("db"), pytest.mark.databases]


def check() -> str:
    """What `manage.py check --database default` complains about; empty if it is content."""
    try:
        call_command("check", databases=["default"], stdout=io.StringIO(), stderr=io.StringIO())
    except SystemCheckError as error:
        return str(error)
    return ""


def status() -> str:
    out = io.StringIO()
    call_command("vault", "status", stdout=out)
    return out.getvalue()


@pytest.fixture
def old(keyset: Path) -> int:
    secrets(7)
    return rotation.primary()


def test_a_keyset_that_fits_is_no_complaint(old: int) -> None:
    assert check() == ""
    assert "does not fit" not in status()
    list(rotation.rotate(command_line(), grace=0))
    assert check() == ""
    assert "does not fit" not in status()


def test_the_keyset_of_another_portal_is_an_error(old: int, keyset: Path) -> None:
    keyset.write_text(new_keyset())
    assert f"does not fit the database: 8 sealed with key {old}, which is not in this keyset" in check()
    assert f"does not fit the database: 8 sealed with key {old}, which is not in this keyset" in status()
    assert "Put back the keyset that belongs to this database" in status()


def test_the_keyset_of_before_a_rotation_is_an_error(old: int, keyset: Path) -> None:
    before = keyset.read_text()
    list(rotation.rotate(command_line(), grace=0))
    new = rotation.primary()
    keyset.write_text(before)
    assert f"8 sealed with key {new}, which is not in this keyset" in check()


def test_a_key_that_is_disabled_and_holds_something_is_an_error(old: int, keyset: Path) -> None:
    rotation.add()
    rotation.promote(command_line(), grace=0)
    text = json.loads(keyset.read_text())
    for key in text["aead"]["key"]:
        key["status"] = "DISABLED" if key["keyId"] == old else key["status"]
    keyset.write_text(json.dumps(text))
    assert f"8 sealed with key {old}, which is disabled in this keyset" in check()


def test_another_key_under_the_same_number_is_an_error(old: int, keyset: Path) -> None:
    other = json.loads(new_keyset())
    other["aead"]["primaryKeyId"] = other["aead"]["key"][0]["keyId"] = old
    keyset.write_text(json.dumps(other))
    assert f"key {old} of this keyset does not open what key {old} sealed in vault.Credential.ciphertext" in check()
    assert "does not fit the database" in status()


def test_one_damaged_row_says_nothing_of_the_key(old: int) -> None:
    row = Credential.objects.order_by("pk")[0]
    Credential.objects.filter(pk=row.pk).update(ciphertext=bytes(row.ciphertext)[:-1] + b"x")
    assert check() == ""


def test_a_keyset_that_is_none_is_an_error_as_soon_as_something_is_sealed(keyset: Path) -> None:
    keyset.write_text("{}")
    assert check() == ""
    keyset.write_text(new_keyset())
    secrets(1)
    keyset.write_text("{}")
    assert "Secrets are stored, but the vault's keyset cannot be read." in check()
    with pytest.raises(CommandError, match="cannot be read"):
        status()
