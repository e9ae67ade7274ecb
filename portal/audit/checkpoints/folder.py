"""Checkpoint folder outside the database: each checkpoint is appended to it, one file per day.

The folder itself shows which checkpoints it lacks, so one that was unavailable for a while catches up. A checkpoint
that was torn by a crash is written again after the torn one.
"""

import fcntl
import os
from pathlib import Path

from django.conf import settings

from portal.audit.models import Checkpoint
from portal.audit.verifier import verify

_ORIGIN = verify.CHECKPOINT_ORIGIN + b"\n"
_BATCH = 500
_CHUNK = 1 << 16


class FolderTrouble(RuntimeError):
    """The folder cannot be written, or contradicts the database; the message says what to do."""


def path() -> Path | None:
    """Return the folder from the settings, or None."""
    return Path(settings.CHECKPOINT_FOLDER) if settings.CHECKPOINT_FOLDER else None


def files() -> list[Path]:
    """Return the files of the folder, oldest first. Raises FolderTrouble."""
    folder = path()
    try:
        return sorted(folder.glob("checkpoints-*.txt")) if folder else []
    except OSError as error:
        raise _unreadable(error) from error


def append() -> int:
    """Append the missing checkpoints, synced to disk, and return the last number. Raises FolderTrouble."""
    folder = path()
    if folder is None:
        return 0
    try:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            return _append_to(folder)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise _unreadable(error) from error


def _unreadable(error: OSError) -> FolderTrouble:
    what = error.strerror or type(error).__name__
    return FolderTrouble(
        f"The checkpoint folder {settings.CHECKPOINT_FOLDER} cannot be used ({what}). Checkpoints are kept in the "
        "database meanwhile, and are written there as soon as it can be."
    )


def _append_to(folder: Path) -> int:
    number = _last_number()
    while batch := list(Checkpoint.objects.filter(number__gt=number).order_by("number")[:_BATCH]):
        for checkpoint in batch:
            _append_one(folder / f"checkpoints-{checkpoint.at:%Y-%m-%d}.txt", bytes(checkpoint.note))
        number = batch[-1].number
    return number


def _append_one(file: Path, note: bytes) -> None:
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
    with os.fdopen(descriptor, "rb+", buffering=0) as opened:
        size = opened.seek(0, os.SEEK_END)
        torn = size and os.pread(descriptor, 1, size - 1) != b"\n"
        opened.write((b"\n" if torn else b"") + note)
        os.fsync(descriptor)


def _last_number() -> int:
    """Return the number of the last complete checkpoint in the folder, or 0; the database must have the same one."""
    for file in reversed(files()):
        for raw in _backwards(file):
            try:
                said = verify.Checkpoint.parse(raw)
            except verify.Broken:
                continue  # torn by a crash; use the one before it
            _compare(said)
            return said.number
    return 0


def _compare(said: verify.Checkpoint) -> None:
    ours = Checkpoint.objects.filter(number=said.number).values_list("hash", flat=True).first()
    if ours != said.hash:
        raise FolderTrouble(
            f"The checkpoint folder holds checkpoint {said.number} of {said.time}, and the database "
            f"{'another one' if ours else 'none'} of that number: an older copy of the database was put back, or the "
            "history was written anew. Keep the folder's files, and read “After a restore” in docs/history.md."
        )


def _backwards(file: Path) -> list[bytes]:
    """Return the last few notes of a file, last one first, without reading the whole file."""
    with file.open("rb") as opened:
        size = opened.seek(0, os.SEEK_END)
        at, tail = size, b""
        while at and tail.count(_ORIGIN) < 3:  # noqa: PLR2004 - the last two could both be torn, by two power cuts
            at = max(0, at - _CHUNK)
            opened.seek(at)
            tail = opened.read(size - at)
    found = list(verify.notes(iter(tail.removesuffix(b"\n").split(b"\n"))))
    return [note for note in reversed(found) if note.startswith(_ORIGIN)]
