"""Key rotation of the vault, while everything runs.

The steps: add a key, which can only decrypt at first; promote it, so that it encrypts from then on; re-encrypt what
older keys encrypted; disable older keys that encrypt nothing any more. Each step can be repeated, and a killed run is
continued by the next one, because the state is read from the keyset and the rows. If several machines have a copy of
the file, it must be copied after each step, so adding and promoting can also be done alone.
"""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import chain, islice
from typing import Any

from django.db import OperationalError, connection, transaction

from portal.audit.actors import Actor
from portal.audit.commit_guard import unaudited
from portal.audit.event_lookup import fields
from portal.audit.models import Event
from portal.audit.recording import Target, record
from portal.audit.transactions import atomic
from portal.audit.verbs import Verb
from portal.core.isolation import alone
from portal.core.tasks.failpoints import failpoint
from portal.vault import keyset_file
from portal.vault.encrypted_fields import EncryptedField, all_fields
from portal.vault.encryption import DecryptionError, decrypt, encrypt, key_id
from portal.vault.keyset import new_aead_key

BATCH = 200
#: Longer than all processes need to notice a changed file, and longer than a reader holds a ciphertext.
GRACE_SECONDS = 1.0
#: Attempts, two seconds each, to wait for a transaction that may have encrypted with the old key.
PATIENCE = 20
ENABLED, DISABLED = "ENABLED", "DISABLED"


class NothingToPromote(RuntimeError):
    """No key has been added since the last promotion."""


class UnknownKeys(RuntimeError):
    """Ciphertexts use keys that are not in this keyset."""


@dataclass
class Resealed:
    """Result for one column: how many ciphertexts were re-encrypted, and which rows were left as they are.

    Rows in `broken` cannot be decrypted; rows in `failed` raised another error, which is in the log.
    """

    moved: int = 0
    broken: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)


def primary() -> int:
    """Return the id of the primary key, which encrypts."""
    return int(keyset_file.aead()["primaryKeyId"])


def key_states() -> dict[int, str]:
    """Return the status of each key, ENABLED or DISABLED, by id."""
    return {int(key["keyId"]): str(key["status"]) for key in keyset_file.aead()["key"]}


def counts() -> dict[str, Counter[int]]:
    """Return the number of ciphertexts by key, for each encrypted column."""
    return {column.label: Counter(key_id(value) for _, value in column.ciphertexts()) for column in all_fields()}


def add() -> tuple[int, bool]:
    """Add the key that the next rotation promotes; return its id, and False if an added key was already waiting.

    Raises NotAFile, KeysetUnusable and keyset_file.Busy.
    """
    with keyset_file.alone():
        return _add()


def promote(actor: Actor, *, grace: float = GRACE_SECONDS) -> int:
    """Make the waiting key the primary one and return its id. Raises NothingToPromote, and what `add` raises."""
    with keyset_file.alone():
        new = _waiting()
        if new is None:
            raise NothingToPromote("No key waits to be promoted. Add one first: `manage.py vault rotate --add-only`.")
        before = primary()
        _promote(new, grace)
        _record_promotion(actor, before, new)
    return new


def rotate(actor: Actor, *, grace: float = GRACE_SECONDS) -> Iterator[str]:
    """Rotate, and yield a message for each step. Raises UnknownKeys, and what `add` raises."""
    with keyset_file.alone():
        _refuse_unknown_keys()
        yield from (f"Key {key} enabled again: it still holds {number}." for key, number in _enable_needed())
        new, is_new = _add()
        yield f"Key {new} added." if is_new else f"Going on with key {new}."
        if new != primary():
            _promote(new, grace)
            yield f"Key {new} promoted: it seals from now on."
        time.sleep(keyset_file.wait_until_old(grace))
        _wait_for_older_transactions()
        results = {column.label: _reseal(column, new) for column in all_fields()}
        yield from chain.from_iterable(_lines(label, result) for label, result in results.items())
        if any(result.moved for result in results.values()):
            time.sleep(grace)  # readers may still hold a ciphertext of before, not yet decrypted
        disabled = _empty(new)
        _record(actor, new, disabled, {label: result.moved for label, result in results.items()})
        failpoint("rotation.recorded")
        _set_status(disabled, DISABLED)
        yield f"Disabled: {', '.join(map(str, disabled)) or 'none'}."


def _lines(label: str, result: Resealed) -> Iterator[str]:
    yield f"{label}: {result.moved} sealed again."
    if result.broken:
        yield (
            f"{label}: {len(result.broken)} do not open and stay as they are ({', '.join(result.broken)}). "
            "Enter them again, then rotate again; until then their key stays enabled."
        )
    if result.failed:
        yield (
            f"{label}: {len(result.failed)} could not be sealed again ({', '.join(result.failed)}); the log says why. "
            "Rotate again; until then their key stays enabled."
        )


def _waiting() -> int | None:
    """Return the newest enabled key after the primary one: it was added, but not promoted yet."""
    keys = keyset_file.aead()["key"]
    position = next(index for index, key in enumerate(keys) if int(key["keyId"]) == primary())
    waiting = [int(key["keyId"]) for key in keys[position + 1 :] if key["status"] == ENABLED]
    return waiting[-1] if waiting else None


def _add() -> tuple[int, bool]:
    """Return the key to rotate to, and whether it is new; an interrupted rotation has already added one."""
    keyset_file.demand()
    if (waiting := _waiting()) is not None:
        return waiting, False
    if any(state == ENABLED for key, state in key_states().items() if key != primary()):
        return primary(), False
    fresh = new_aead_key()
    keyset_file.change(lambda aead: aead["key"].append(fresh))
    failpoint("rotation.added")
    return int(fresh["keyId"]), True


def _promote(key: int, grace: float) -> None:
    """Promote the key once every process has had time to notice it."""
    time.sleep(keyset_file.wait_until_old(grace))
    keyset_file.change(lambda aead: aead.update(primaryKeyId=key))
    failpoint("rotation.promoted")


def _set_status(keys: Sequence[int], status: str) -> None:
    def edit(aead: dict[str, Any]) -> None:
        for entry in aead["key"]:
            if int(entry["keyId"]) in keys:
                entry["status"] = status

    if keys:
        keyset_file.change(edit)


def _held() -> Counter[int]:
    """Return the number of ciphertexts by key, over all columns."""
    return sum(counts().values(), Counter())


def _enable_needed() -> list[tuple[int, int]]:
    """Enable disabled keys that are still needed: a machine with an older copy of the file encrypted with them."""
    states = key_states()
    needed = [(key, number) for key, number in _held().items() if states.get(key) == DISABLED]
    _set_status([key for key, _ in needed], ENABLED)
    return needed


def _refuse_unknown_keys() -> None:
    known = key_states()
    unknown = {key: number for key, number in _held().items() if key not in known}
    if unknown:
        where = ", ".join(f"{number} under key {key}" for key, number in unknown.items())
        raise UnknownKeys(
            f"This keyset lacks keys that something is sealed with: {where}. If the keys were rotated on another "
            "machine, copy its keyset here first. If what is stored there was damaged, enter it again."
        )


def _empty(key: int) -> list[int]:
    """Return the older enabled keys that no ciphertext uses any more."""
    held = _held()
    return [old for old, state in key_states().items() if old != key and state == ENABLED and not held[old]]


def _wait_for_older_transactions() -> None:
    """Wait for all open transactions that may have encrypted with the previous key.

    A transaction that replaces a secret locks the table before it encrypts; first secrets are encrypted and written
    within the grace period. On SQLite a write transaction waits for all others anyway.
    """
    for column in all_fields():
        for left in reversed(range(PATIENCE)):
            try:
                _pass_by(column)
                break
            except OperationalError:
                if not left:
                    raise


@transaction.atomic
def _pass_by(column: EncryptedField) -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '2s'")  # others queue behind this lock, so keep the wait short
            table = connection.ops.quote_name(column.model._meta.db_table)  # noqa: SLF001 - Django's public API
            cursor.execute(f"LOCK TABLE {table} IN EXCLUSIVE MODE")


def _reseal(column: EncryptedField, key: int) -> Resealed:
    """Re-encrypt everything that uses another key, in batches; a row that fails does not stop the others."""
    result = Resealed()
    old = (pk for pk, value in column.ciphertexts() if key_id(value) != key)
    while batch := list(islice(old, BATCH)):
        with transaction.atomic():
            for row in column.rows().filter(pk__in=batch).order_by("pk"):
                reseal = partial(_reseal_row, column, row, key, result)
                if not alone(f"sealing {column.label} {row.pk} again", reseal, otherwise=False):
                    result.failed.append(str(row.pk))
        failpoint("rotation.batch")
    return result


@transaction.atomic
def _reseal_row(column: EncryptedField, row: Any, key: int, result: Resealed) -> bool:
    """Re-encrypt a row if it still needs that, and count the result; return True."""
    value = column.ciphertext_in(getattr(row, column.field))
    if not value or key_id(value) == key:  # deleted or stored anew in the meantime
        return True
    place = column.place(row)
    try:
        opened = decrypt(value, place)
    except DecryptionError:
        result.broken.append(str(row.pk))
        return True
    # Only if nobody has stored another secret since; that one already uses the new key.
    with unaudited():  # the secret is unchanged; the rotation has one event for all
        result.moved += column.swap(row, encrypt(opened, place))
    return True


@atomic
def _record_promotion(actor: Actor, before: int, new: int) -> None:
    about, changes = Target("keyset", str(new), "the vault's keyset"), {"primary": [before, new]}
    record(Verb.KEYS_PROMOTED, about, actor, changes=changes)


@atomic
def _record(actor: Actor, new: int, disabled: list[int], moved: dict[str, int]) -> None:
    """Record the rotation before its last step, and only once, even if a killed run is repeated."""
    changes = {"primary": [None, new], "disabled": [None, disabled], "sealed again": [None, moved]}
    before = Event.objects.filter(verb=Verb.KEYS_ROTATED, target_id=str(new))
    if not any(fields(event)["changes"]["disabled"] == [None, disabled] for event in before):
        record(Verb.KEYS_ROTATED, Target("keyset", str(new), "the vault's keyset"), actor, changes=changes)
