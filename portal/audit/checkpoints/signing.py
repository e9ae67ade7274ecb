"""Checkpoint signing: the chain heads that moved since the last checkpoint, signed, numbered and chained to it."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from portal.audit.actors import Actor
from portal.audit.checkpoints import keys
from portal.audit.checkpoints.keys import Signer
from portal.audit.models import ChainHead, Checkpoint, SignedHead
from portal.audit.recording import Target, record
from portal.audit.verbs import Verb
from portal.audit.verifier import verify
from portal.core.db.sqlite_lock import write_lock
from portal.core.tasks.failpoints import failpoint

#: Without events a checkpoint is signed this often, as proof that nothing happened.
HEARTBEAT = timedelta(hours=1)
#: Attempts while other processes sign first; after that, their checkpoints suffice.
_TRIES = 5


def make(*, even_if_quiet: bool = False) -> Checkpoint | None:
    """Sign the heads that moved since the last checkpoint; return None if none moved and no heartbeat is due.

    Must not be called in a transaction, whose events may still be rolled back. Raises KeyUnusable.
    """
    for _ in range(_TRIES):
        try:
            with write_lock(), transaction.atomic():
                return _make(even_if_quiet=even_if_quiet)
        except IntegrityError:  # another process wrote this number; check again what is left to sign
            continue
    return None


def last() -> Checkpoint | None:
    """Return the newest checkpoint."""
    return Checkpoint.objects.order_by("-number").first()


def read(checkpoint: Checkpoint) -> verify.Checkpoint:
    """Return the parsed note of a checkpoint; raises verify.Broken if it was tampered with."""
    return verify.Checkpoint.parse(bytes(checkpoint.note))


def rotate(actor: Actor) -> Checkpoint:
    """Rotate the signing key: one checkpoint names the new key and is signed by both. Raises KeyUnusable and OSError.

    An interrupted rotation is completed by the next checkpoint, or by another call.
    """
    make()
    new = keys.prepare()
    failpoint("checkpoint_key.prepared")
    with write_lock(), transaction.atomic():
        before = last()
        old = keys.signer(read(before).next_key if before else None)
        if old.key != new.key:
            record(
                Verb.CHECKPOINT_KEY_ROTATED,
                Target("checkpoint key", new.key.id.hex(), "of the history's checkpoints"),
                actor,
                changes={"fingerprint": [old.key.fingerprint, new.key.fingerprint]},
            )
            before = _write(before, _moved(), old, new)
    failpoint("checkpoint_key.committed")
    keys.adopt()
    if before is None:
        raise AssertionError("a rotation leaves a checkpoint")
    return before


def _make(*, even_if_quiet: bool) -> Checkpoint | None:
    before = last()
    moved = _moved()
    due = before is None or timezone.now() - before.at >= HEARTBEAT
    if not (moved or due or even_if_quiet):
        return None
    return _write(before, moved, keys.signer(read(before).next_key if before else None))


def _moved() -> list[ChainHead]:
    """Return the heads that no checkpoint has signed; a head that moved back is left to the integrity check."""
    said = SignedHead.objects.filter(chain=OuterRef("chain"), seq__gte=OuterRef("seq"))
    return list(ChainHead.objects.filter(~Exists(said), seq__gt=0))


def _write(
    before: Checkpoint | None, moved: Sequence[ChainHead], signer: Signer, new: Signer | None = None
) -> Checkpoint:
    number = before.number + 1 if before else 1
    now = timezone.now()
    at = max(now.replace(microsecond=0), before.at) if before else now.replace(microsecond=0)
    text = _text(number, at, before.hash if before else verify.NO_CHECKPOINT, moved, signer, new)
    note = text + b"\n" + b"".join(each.line(text) for each in (signer, new) if each)
    made = Checkpoint.objects.create(number=number, at=at, hash=hashlib.sha256(note).hexdigest(), note=note)
    SignedHead.objects.bulk_create(
        [SignedHead(chain=head.chain, seq=head.seq, hash=head.hash, checkpoint=number) for head in moved]
    )
    return made


def _text(  # noqa: PLR0913, PLR0917 - the lines of a checkpoint
    number: int, at: datetime, previous: str, moved: Sequence[ChainHead], signer: Signer, new: Signer | None
) -> bytes:
    heads = sorted((verify.hashed_chain(head.chain).decode(), head.seq, head.hash) for head in moved)
    lines = [
        verify.CHECKPOINT_ORIGIN.decode(),
        f"number {number}",
        f"time {as_time(at)}",
        f"previous {previous}",
        f"key {signer.key.text}",
        *([f"new-key {new.key.text}"] if new else []),
        *(f"chain {chain} {seq} {head}" for chain, seq, head in heads),
    ]
    return "".join(f"{line}\n" for line in lines).encode()


def as_time(at: datetime) -> str:
    """Return a time in the format of notes: UTC, whole seconds."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
