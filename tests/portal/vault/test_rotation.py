"""A row that fails leaves the others their new key, and keeps its own key alive."""

from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from portal.audit.actors import command_line
from portal.vault import rotation
from portal.vault.encrypted_fields import EncryptedField, all_fields
from portal.vault.models import Credential
from tests.portal.vault_keys.conftest import by_key, keyset, secrets

__all__ = ["keyset"]


def column() -> EncryptedField:
    return next(each for each in all_fields() if each.model is Credential)


@pytest.mark.databases
@pytest.mark.django_db
def test_a_row_that_fails_is_named_and_the_others_are_sealed_again(
    keyset: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, rows = rotation.primary(), secrets(5)
    first = min(rows, key=lambda row: row.pk)
    swap = EncryptedField.swap

    def fail_for_first(self: EncryptedField, row: Any, fresh: bytes) -> int:
        if row.pk == first.pk:
            with connection.cursor() as cursor:
                cursor.execute("SELECT nothing FROM nowhere")
        return swap(self, row, fresh)

    with monkeypatch.context() as broken:
        broken.setattr(EncryptedField, "swap", fail_for_first)
        said = list(rotation.rotate(command_line(), grace=0))
    new = rotation.primary()
    assert by_key() == {old: 1, new: 5}
    assert f"{column().label}: 4 sealed again." in said
    assert any(f"1 could not be sealed again ({first.pk})" in line for line in said)
    assert rotation.key_states()[old] == rotation.ENABLED

    list(rotation.rotate(command_line(), grace=0))
    assert by_key() == {old: 0, new: 6}
    assert rotation.key_states()[old] == rotation.DISABLED
