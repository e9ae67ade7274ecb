"""Keyset check: whether the keyset fits the database. After a restore, each may come from another day or portal."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from django.core.checks import CheckMessage, Error
from django.db import DatabaseError, connection

from portal.vault import rotation
from portal.vault.encrypted_fields import EncryptedField, all_fields
from portal.vault.encryption import DecryptionError, decrypt, key_id
from portal.vault.keyset import KeysetUnusable
from portal.vault.models import Credential

#: Ciphertexts to try for each key in one column, since a single one may be damaged.
SAMPLES = 3
_REMEDY = (
    "Put back the keyset that belongs to this database (VAULT_KEYSET_FILE); if the keys were rotated on another "
    "machine, copy its keyset here. What was damaged, or what no keyset opens any more, is entered again."
)


def undecryptable_rows() -> list[str]:
    """Return what cannot be decrypted with this keyset. Raises KeysetUnusable if there are ciphertexts."""
    held = sum(rotation.counts().values(), Counter[int]())
    if not held:
        return []
    states = rotation.key_states()
    found = [
        f"{number} sealed with key {key}, which {'is disabled in' if key in states else 'is not in'} this keyset"
        for key, number in sorted(held.items())
        if states.get(key) != rotation.ENABLED
    ]
    return found + [
        f"key {key} of this keyset does not open what key {key} sealed in {column.label}"
        for column in all_fields()
        for key, rows in _samples(column).items()
        if states.get(key) == rotation.ENABLED and not any(_opens(column, row) for row in rows)
    ]


def keyset_fits(databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """System check portal.vault.E001: the keyset can decrypt what is in the database."""
    if not databases or Credential._meta.db_table not in connection.introspection.table_names():  # noqa: SLF001 - Django's public API
        return []
    try:
        found = undecryptable_rows()
    except KeysetUnusable as error:
        return [Error(f"Secrets are stored, but {str(error)[0].lower()}{str(error)[1:]}", id="portal.vault.E001")]
    except DatabaseError:  # a table is older than the code; `migrate` comes first
        return []
    if not found:
        return []
    return [
        Error(
            f"The vault's keyset does not fit the database: {'; '.join(found)}.", hint=_REMEDY, id="portal.vault.E001"
        )
    ]


def sentences() -> Iterator[str]:
    """Yield the messages for `vault status` if the keyset does not fit."""
    if found := undecryptable_rows():
        yield f"This keyset does not fit the database: {'; '.join(found)}."
        yield _REMEDY


def _samples(column: EncryptedField) -> dict[int, list[Any]]:
    """Return a few rows of each key."""
    found: dict[int, list[Any]] = {}
    for pk, ciphertext in column.ciphertexts():
        rows = found.setdefault(key_id(ciphertext), [])
        if len(rows) < SAMPLES:
            rows.append(pk)
    return {key: list(column.rows().filter(pk__in=pks)) for key, pks in found.items()}


def _opens(column: EncryptedField, row: Any) -> bool:
    try:
        decrypt(column.ciphertext_in(getattr(row, column.field)), column.place(row))
    except DecryptionError:
        return False
    return True
