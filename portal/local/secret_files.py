"""Secrets that development makes for itself on first use, as files only their owner can read."""

import os
import secrets
from collections.abc import Callable
from pathlib import Path


def read_or_make(path: Path, make: Callable[[], str]) -> str:
    """Return the text of `path`, writing `make()` there first (mode 0600) when it does not exist.

    Processes that start at the same moment all get the same text: the first to link its file wins.
    Raises OSError when the folder cannot be written.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        write_private(draft, make())
        try:
            os.link(draft, path)
        except FileExistsError:
            pass  # another process was first; its text counts
        finally:
            draft.unlink()
    return path.read_text()


def write_private(path: Path, text: str) -> None:
    """Write `text` to a new file that only its owner can read; raises FileExistsError if it is there."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(descriptor)  # what is sealed with it may outlive a power cut, so it must too
