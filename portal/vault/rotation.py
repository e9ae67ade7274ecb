"""Rotating the vault's keys while everything runs.

add (the new key can open, but seals nothing yet) → promote (it seals from now on) → re-encrypt what older keys sealed →
disable the older keys once they hold nothing. Each step can be repeated, and a run that was killed goes on where the
last one ended: what is to be done is read from the keyset and the rows, never from memory.
"""

import json
import os
import time
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from portal.audit.actors import Actor
from portal.audit.recording import Target, record
from portal.audit.verbs import Verb
from portal.local.secret_files import write_private
from portal.vault.keyset import keyset_text, new_aead_key
from portal.vault.sealed_fields import SealedField, all_fields
from portal.vault.sealing import key_id, seal, unseal

BATCH = 200
#: Longer than any transaction that sealed with the old key and has not committed yet.
GRACE_SECONDS = 1.0


class NotAFile(RuntimeError):
    """The keyset stands in the environment, where no command can change it."""


def primary() -> int:
    """Return the id of the key that seals."""
    return int(_aead()["primaryKeyId"])


def key_states() -> dict[int, str]:
    """Return each key's id and whether it is ENABLED or DISABLED."""
    return {int(key["keyId"]): str(key["status"]) for key in _aead()["key"]}


def counts() -> dict[str, Counter[int]]:
    """Return, for each sealed column, how many ciphertexts each key sealed."""
    return {field.label: Counter(key_id(value) for _, value in field.ciphertexts()) for field in all_fields()}


def add() -> int:
    """Add the key that the next rotation promotes, and return its id; one that waits already is that key.

    Raises NotAFile and KeysetUnusable.
    """
    if settings.VAULT_KEYSET:
        raise NotAFile("VAULT_KEYSET is in the environment. Put it into a file (VAULT_KEYSET_FILE) to rotate its keys.")
    return _add()


def rotate(actor: Actor, *, grace: float = GRACE_SECONDS) -> Iterator[str]:
    """Rotate, and yield a line for each step. Raises NotAFile, KeysetUnusable, DoesNotOpen."""
    new = add()
    yield f"Key {new} added."
    time.sleep(grace)
    _promote(new)
    yield f"Key {new} promoted: it seals from now on."
    time.sleep(grace)
    moved = {field.label: _reseal(field, new) for field in all_fields()}
    for label, number in moved.items():
        yield f"{label}: {number} sealed again."
    disabled = _disable_empty(new)
    yield f"Disabled: {', '.join(map(str, disabled)) or 'none'}."
    with transaction.atomic():
        changes = {"primary": [None, new], "disabled": [None, disabled], "sealed again": [None, moved]}
        record(Verb.KEYS_ROTATED, Target("keyset", str(new), "the vault's keyset"), actor, changes=changes)


def _aead() -> dict[str, Any]:
    keyset: dict[str, Any] = json.loads(keyset_text())["aead"]
    return keyset


def _add() -> int:
    """Return the id of a key newer than the primary: one that an interrupted rotation added, or a fresh one."""
    keys = _aead()["key"]
    position = next(index for index, key in enumerate(keys) if int(key["keyId"]) == primary())
    waiting = [int(key["keyId"]) for key in keys[position + 1 :] if key["status"] == "ENABLED"]
    if waiting:
        return waiting[-1]
    if _interrupted():
        return primary()
    fresh = new_aead_key()
    _change(lambda keyset: keyset["key"].append(fresh))
    return int(fresh["keyId"])


def _interrupted() -> bool:
    """Say whether an older key is still enabled: then the last rotation has not ended, and no new key is needed."""
    return any(state == "ENABLED" for key, state in key_states().items() if key != primary())


def _promote(key: int) -> None:
    _change(lambda keyset: keyset.update(primaryKeyId=key))


def _reseal(field: SealedField, key: int) -> int:
    """Seal again whatever another key sealed, batch by batch; return how many."""
    old = ((pk, value) for pk, value in field.ciphertexts() if key_id(value) != key)
    moved = 0
    while batch := list(islice(old, BATCH)):
        with transaction.atomic():
            moved += sum(_reseal_row(field, pk, value) for pk, value in batch)
    return moved


def _reseal_row(field: SealedField, pk: Any, value: bytes) -> int:
    rows = field.model._default_manager.filter(pk=pk)  # noqa: SLF001 - Django's public API
    row = rows.first()
    if row is None:
        return 0
    place = field.place(row)
    # Only if nobody stored another secret meanwhile; that one was sealed with the new key anyway.
    return rows.filter(**{field.field: value}).update(**{field.field: seal(unseal(value, place), place)})


def _disable_empty(key: int) -> list[int]:
    """Disable every older key that no ciphertext needs any more, and return them."""
    needed = {used for counter in counts().values() for used in counter}
    empty = [old for old, state in key_states().items() if old != key and state == "ENABLED" and old not in needed]

    def disable(keyset: dict[str, Any]) -> None:
        for entry in keyset["key"]:
            if int(entry["keyId"]) in empty:
                entry["status"] = "DISABLED"

    if empty:
        _change(disable)
    return empty


def _change(edit: Any) -> None:
    """Write the edited keyset beside the file and put it in its place: a reader sees the old one or the new one."""
    path = Path(settings.VAULT_KEYSET_FILE)
    keysets = json.loads(keyset_text())
    edit(keysets["aead"])
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    write_private(draft, json.dumps(keysets, indent=1))
    draft.replace(path)
