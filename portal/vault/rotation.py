"""Rotating the vault's keys while everything runs.

add (the new key can open, but seals nothing yet) → promote (it seals from now on) → re-encrypt what older keys sealed →
disable the older keys once they hold nothing. Each step can be repeated, and a run that was killed goes on where the
last one ended: what is to be done is read from the keyset and the rows, never from memory. Where several machines have
a copy of the file, it is copied after each step; `add` and `promote` can be done alone for that.
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
from portal.audit.guarded import bookkeeping
from portal.audit.models import Event
from portal.audit.reading import fields
from portal.audit.recording import Target, record
from portal.audit.verbs import Verb
from portal.core.isolation import alone
from portal.crash_points import reach
from portal.vault import keyset_file
from portal.vault.keyset import new_aead_key
from portal.vault.sealed_fields import SealedField, all_fields
from portal.vault.sealing import DoesNotOpen, key_id, seal, unseal

BATCH = 200
#: Longer than it takes all processes to notice a changed file, and longer than a reader holds a ciphertext.
GRACE_SECONDS = 1.0
#: How often, two seconds each, a transaction is waited for that may have sealed with the key before.
PATIENCE = 20
ENABLED, DISABLED = "ENABLED", "DISABLED"


class NothingToPromote(RuntimeError):
    """No key was added since the last one was promoted."""


class UnknownKeys(RuntimeError):
    """Ciphertexts lie under keys that this keyset does not have."""


@dataclass
class Resealed:
    """What became of one column: how many ciphertexts were sealed again, and which rows stay as they are.

    Those of `broken` do not open; with those of `failed` something else went wrong, which the log tells.
    """

    moved: int = 0
    broken: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)


def primary() -> int:
    """Return the id of the key that seals."""
    return int(keyset_file.aead()["primaryKeyId"])


def key_states() -> dict[int, str]:
    """Return each key's id and whether it is ENABLED or DISABLED."""
    return {int(key["keyId"]): str(key["status"]) for key in keyset_file.aead()["key"]}


def counts() -> dict[str, Counter[int]]:
    """Return, for each sealed column, how many ciphertexts each key sealed."""
    return {column.label: Counter(key_id(value) for _, value in column.ciphertexts()) for column in all_fields()}


def add() -> tuple[int, bool]:
    """Add the key that the next rotation promotes; return its id, and whether it is new: one may wait already.

    Raises NotAFile, KeysetUnusable and keyset_file.Busy.
    """
    with keyset_file.alone():
        return _add()


def promote(actor: Actor, *, grace: float = GRACE_SECONDS) -> int:
    """Let the key that waits seal from now on, and return its id. Raises NothingToPromote, and what `add` raises."""
    with keyset_file.alone():
        new = _waiting()
        if new is None:
            raise NothingToPromote("No key waits to be promoted. Add one first: `manage.py vault rotate --add-only`.")
        before = primary()
        _promote(new, grace)
        _record_promotion(actor, before, new)
    return new


def rotate(actor: Actor, *, grace: float = GRACE_SECONDS) -> Iterator[str]:
    """Rotate, and yield a line for each step. Raises UnknownKeys, and what `add` raises."""
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
            time.sleep(grace)  # for readers who took a ciphertext before it was sealed again, and have yet to open it
        disabled = _empty(new)
        _record(actor, new, disabled, {label: result.moved for label, result in results.items()})
        reach("rotation.recorded")
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
    """Return the newest enabled key behind the primary one: it was added and not promoted yet."""
    keys = keyset_file.aead()["key"]
    position = next(index for index, key in enumerate(keys) if int(key["keyId"]) == primary())
    waiting = [int(key["keyId"]) for key in keys[position + 1 :] if key["status"] == ENABLED]
    return waiting[-1] if waiting else None


def _add() -> tuple[int, bool]:
    """Return the key to rotate to, and whether it was made now; an interrupted rotation has one already."""
    keyset_file.demand()
    if (waiting := _waiting()) is not None:
        return waiting, False
    if any(state == ENABLED for key, state in key_states().items() if key != primary()):
        return primary(), False
    fresh = new_aead_key()
    keyset_file.change(lambda aead: aead["key"].append(fresh))
    reach("rotation.added")
    return int(fresh["keyId"]), True


def _promote(key: int, grace: float) -> None:
    """Promote, once every process has had the time to notice the key."""
    time.sleep(keyset_file.wait_until_old(grace))
    keyset_file.change(lambda aead: aead.update(primaryKeyId=key))
    reach("rotation.promoted")


def _set_status(keys: Sequence[int], status: str) -> None:
    def edit(aead: dict[str, Any]) -> None:
        for entry in aead["key"]:
            if int(entry["keyId"]) in keys:
                entry["status"] = status

    if keys:
        keyset_file.change(edit)


def _held() -> Counter[int]:
    """Return how many ciphertexts each key holds, over all columns."""
    return sum(counts().values(), Counter())


def _enable_needed() -> list[tuple[int, int]]:
    """Enable disabled keys that hold something: a machine with an older copy of the file sealed with them."""
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
    """Return the older enabled keys that no ciphertext needs any more."""
    held = _held()
    return [old for old, state in key_states().items() if old != key and state == ENABLED and not held[old]]


def _wait_for_older_transactions() -> None:
    """Return once no transaction is open that may have sealed with the key before, and has not committed yet.

    Whoever replaces a secret has locked the table before it seals; first ones are sealed and written within the grace.
    On SQLite a transaction that writes waits for all others.
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
def _pass_by(column: SealedField) -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '2s'")  # others queue up behind us: not for long
            table = connection.ops.quote_name(column.model._meta.db_table)  # noqa: SLF001 - Django's public API
            cursor.execute(f"LOCK TABLE {table} IN EXCLUSIVE MODE")


def _reseal(column: SealedField, key: int) -> Resealed:
    """Seal again whatever another key sealed, batch by batch; a row that fails leaves the others their new key."""
    result = Resealed()
    old = (pk for pk, value in column.ciphertexts() if key_id(value) != key)
    while batch := list(islice(old, BATCH)):
        with transaction.atomic():
            for row in column.rows().filter(pk__in=batch):
                reseal = partial(_reseal_row, column, row, key, result)
                if not alone(f"sealing {column.label} {row.pk} again", reseal, otherwise=False):
                    result.failed.append(str(row.pk))
        reach("rotation.batch")
    return result


@transaction.atomic
def _reseal_row(column: SealedField, row: Any, key: int, result: Resealed) -> bool:
    """Seal one again, if it still needs that, and note what became of it; say that nothing unforeseen happened."""
    value = column.ciphertext_in(getattr(row, column.field))
    if not value or key_id(value) == key:  # taken out, or stored anew, meanwhile
        return True
    place = column.place(row)
    try:
        opened = unseal(value, place)
    except DoesNotOpen:
        result.broken.append(str(row.pk))
        return True
    # Only if nobody stored another secret meanwhile; that one was sealed with the new key anyway.
    with bookkeeping():  # the secret stays what it was; the rotation has one line for all
        result.moved += column.swap(row, seal(opened, place))
    return True


@transaction.atomic
def _record_promotion(actor: Actor, before: int, new: int) -> None:
    about, changes = Target("keyset", str(new), "the vault's keyset"), {"primary": [before, new]}
    record(Verb.KEYS_PROMOTED, about, actor, changes=changes)


@transaction.atomic
def _record(actor: Actor, new: int, disabled: list[int], moved: dict[str, int]) -> None:
    """Record the rotation before its last step, and once: a run that was killed in between comes here again."""
    changes = {"primary": [None, new], "disabled": [None, disabled], "sealed again": [None, moved]}
    before = Event.objects.filter(verb=Verb.KEYS_ROTATED, target_id=str(new))
    if not any(fields(event)["changes"]["disabled"] == [None, disabled] for event in before):
        record(Verb.KEYS_ROTATED, Target("keyset", str(new), "the vault's keyset"), actor, changes=changes)
