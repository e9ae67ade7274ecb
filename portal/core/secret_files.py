"""Secret files that development creates on first use, readable only by their owner."""

import os
import secrets
from collections.abc import Callable
from pathlib import Path


def read_or_make(path: Path, make: Callable[[], str]) -> str:
    """Return the text of `path`; if the file does not exist, create it with `make()` first (mode 0600).

    Processes that start at the same moment all get the same text: the first to link its file wins. Raises OSError if
    the folder is not writable.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        write_private(draft, make())
        try:
            os.link(draft, path)
        except FileExistsError:
            pass  # another process was first, and its text is used
        finally:
            draft.unlink()
    return path.read_text()


def write_private(path: Path, text: str) -> None:
    """Write `text` to a new file that only its owner can read. Raises FileExistsError if the file exists."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(descriptor)  # data encrypted with it may survive a power cut, so the key must too
