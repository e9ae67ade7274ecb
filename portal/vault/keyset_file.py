"""Keyset file: atomic changes, by one process at a time."""

import fcntl
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings

from portal.core.secret_files import write_private
from portal.core.tasks.failpoints import failpoint
from portal.vault.keyset import demand_usable, keyset_text


class NotAFile(RuntimeError):
    """The keyset is in the environment, where no command can change it."""


class Busy(RuntimeError):
    """Another process is changing the keyset."""


def demand() -> Path:
    """Return the path of the keyset file; development creates it on first use. Raises NotAFile and KeysetUnusable."""
    if settings.VAULT_KEYSET:
        raise NotAFile("VAULT_KEYSET is in the environment. Put it into a file (VAULT_KEYSET_FILE) to rotate its keys.")
    demand_usable(keyset_text())
    return Path(settings.VAULT_KEYSET_FILE).resolve()  # a symbolic link to it stays a link


def aead() -> dict[str, Any]:
    """Return the encryption half of the keyset. Raises KeysetUnusable."""
    text = keyset_text()
    demand_usable(text)
    half: dict[str, Any] = json.loads(text)["aead"]
    return half


@contextmanager
def alone() -> Iterator[None]:
    """Hold the exclusive lock for changing the keyset; it is released when the process ends, however that happens.

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
    """Return how long to wait until the last change of the file is this many seconds ago."""
    return min(seconds, max(0.0, demand().stat().st_mtime + seconds - time.time()))


def change(edit: Callable[[dict[str, Any]], object]) -> None:
    """Write the edited keyset to a new file and replace the old one atomically.

    It is synced to disk before anything is encrypted with it. Raises KeysetUnusable and OSError and leaves the file as
    it was.
    """
    path = demand()
    keysets = json.loads(keyset_text())
    edit(keysets["aead"])
    text = json.dumps(keysets, indent=1)
    demand_usable(text)
    draft = path.with_name(f".{path.name}.draft")
    draft.unlink(missing_ok=True)  # left by a killed process
    write_private(draft, text)
    try:
        _keep_owner(draft, path)
    except OSError:
        draft.unlink()
        raise
    failpoint("rotation.drafted")
    draft.replace(path)
    _sync(path.parent)


def _keep_owner(draft: Path, path: Path) -> None:
    """Keep the owner of the file: if root replaces it, the portal could no longer read it."""
    now, wanted = draft.stat(), path.stat()
    if (now.st_uid, now.st_gid) != (wanted.st_uid, wanted.st_gid):
        os.chown(draft, wanted.st_uid, wanted.st_gid)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
