"""Changing the keyset's file: one hand at a time, and never half of it to be seen or lost."""

import fcntl
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings

from portal.crash_points import reach
from portal.local.secret_files import write_private
from portal.vault.keyset import demand_usable, keyset_text


class NotAFile(RuntimeError):
    """The keyset stands in the environment, where no command can change it."""


class Busy(RuntimeError):
    """Another process changes the keyset."""


def demand() -> Path:
    """Return the keyset's file, making it on first use where that is done; raises NotAFile and KeysetUnusable."""
    if settings.VAULT_KEYSET:
        raise NotAFile("VAULT_KEYSET is in the environment. Put it into a file (VAULT_KEYSET_FILE) to rotate its keys.")
    demand_usable(keyset_text())
    return Path(settings.VAULT_KEYSET_FILE).resolve()  # a link to it stays one


def aead() -> dict[str, Any]:
    """Return the half of the keyset that seals; raises KeysetUnusable."""
    text = keyset_text()
    demand_usable(text)
    half: dict[str, Any] = json.loads(text)["aead"]
    return half


@contextmanager
def alone() -> Iterator[None]:
    """Hold the only right to change the keyset; it ends with the process, however that ends.

    Raises Busy, NotAFile, KeysetUnusable and OSError.
    """
    path = demand()
    descriptor = os.open(path.with_name(f".{path.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _lock(descriptor)
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise Busy("The keys are being rotated already. Wait until that has ended, then look at the status.") from error


def wait_until_old(seconds: float) -> float:
    """Return how long to wait until the file was last changed so many seconds ago."""
    return min(seconds, max(0.0, demand().stat().st_mtime + seconds - time.time()))


def change(edit: Callable[[dict[str, Any]], object]) -> None:
    """Write the edited keyset beside the file and put it in its place: a reader sees the old one or the new one.

    It is on the disk before anything is sealed with it. Raises KeysetUnusable and OSError, with the file as it was.
    """
    path = demand()
    keysets = json.loads(keyset_text())
    edit(keysets["aead"])
    text = json.dumps(keysets, indent=1)
    demand_usable(text)
    draft = path.with_name(f".{path.name}.draft")
    draft.unlink(missing_ok=True)  # one that a killed process left
    write_private(draft, text)
    try:
        _keep_owner(draft, path)
    except OSError:
        draft.unlink()
        raise
    reach("rotation.drafted")
    draft.replace(path)
    _sync(path.parent)


def _keep_owner(draft: Path, path: Path) -> None:
    """Leave the file to its owner: the portal could not read one that root has written in its place."""
    now, wanted = draft.stat(), path.stat()
    if (now.st_uid, now.st_gid) != (wanted.st_uid, wanted.st_gid):
        os.chown(draft, wanted.st_uid, wanted.st_gid)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
