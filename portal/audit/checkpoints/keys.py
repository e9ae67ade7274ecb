"""Checkpoint signing key: one line in a file that only its owner can read.

A rotation writes the new key to a second file before any checkpoint names it, and moves it into place afterwards. If
the process is killed in between, the next one finds the key.
"""

import base64
import os
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings

from portal.audit.verifier.verify import KEY_NAME, Key
from portal.core.secret_files import read_or_make, write_private

_START = "PRIVATE+KEY"
_NEW_KEY = "env PORTAL_ENV=development manage.py history new-key --out FILE"


class KeyUnusable(RuntimeError):
    """Checkpoints cannot be signed; the message says what to do."""


@dataclass(frozen=True)
class Signer:
    """A private signing key; `key` is its public half."""

    private: Ed25519PrivateKey

    @property
    def key(self) -> Key:
        """Return the public key."""
        return Key(self.private.public_key().public_bytes_raw())

    def line(self, text: bytes) -> bytes:
        """Return the signature of a note's text as the line that follows it."""
        encoded = base64.b64encode(self.key.id + self.private.sign(text)).decode()
        return f"— {KEY_NAME} {encoded}\n".encode()


def new_key_text() -> str:
    """Return a new private key in the format of its file, that of C2SP's signed notes."""
    return _text(Ed25519PrivateKey.generate())


def _text(private: Ed25519PrivateKey) -> str:
    encoded = base64.b64encode(b"\x01" + private.private_bytes_raw()).decode()
    return f"{_START}+{KEY_NAME}+{Signer(private).key.id.hex()}+{encoded}\n"


def parse(text: str) -> Signer:
    """Parse a private key; raises KeyUnusable."""
    start = f"{_START}+{KEY_NAME}+"
    try:
        _, _, encoded = text.strip().removeprefix(start).partition("+")
        seed = base64.b64decode(encoded, validate=True)[1:]
        signer = Signer(Ed25519PrivateKey.from_private_bytes(seed))
    except ValueError:
        raise KeyUnusable("The file of the checkpoint key holds none; restore it from its copy.") from None
    if _text(signer.private) != text.strip() + "\n":
        raise KeyUnusable("The file of the checkpoint key is damaged; restore it from its copy.")
    return signer


def signer(expected: Key | None = None) -> Signer:
    """Return the current signing key; `expected` is the key that the last checkpoint demands. Raises KeyUnusable.

    In development the key is created on first use.
    """
    path = _path()
    found = parse(_read(path))
    if expected is None or found.key == expected:
        return found
    waiting = _waiting(path)
    if waiting.exists() and (new := parse(_read(waiting))).key == expected:
        adopt()
        return new
    raise KeyUnusable(
        f"The last checkpoint calls for the key {expected.id.hex()}, but {path} holds {found.key.id.hex()}. "
        "Put the file of the last rotation there."
    )


def problem() -> str:
    """Return why checkpoints cannot be signed and what to do about it, or an empty string."""
    try:
        path = _path()
        text, open_to_others = path.read_text(), path.stat().st_mode & 0o077
        parse(text)
    except KeyUnusable as error:
        return str(error)
    except FileNotFoundError:
        return f"CHECKPOINT_KEY_FILE names {path}, which is not there; `{_NEW_KEY}` makes one."
    except (OSError, ValueError):
        return f"CHECKPOINT_KEY_FILE names {path}, which cannot be read."
    return f"{path} can be read by others; chmod 600 it." if open_to_others else ""


def prepare() -> Signer:
    """Return the next key, written to a second file beside the current one. Raises KeyUnusable and OSError."""
    waiting = _waiting(_path())
    if not waiting.exists():
        write_private(waiting, new_key_text())
    return parse(_read(waiting))


def adopt() -> None:
    """Replace the current key by the prepared one; idempotent."""
    path = _path()
    if _waiting(path).exists():
        _waiting(path).replace(path)
        descriptor = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _path() -> Path:
    if not settings.CHECKPOINT_KEY_FILE:
        raise KeyUnusable(
            f"CHECKPOINT_KEY_FILE must name the key that signs the history's checkpoints; `{_NEW_KEY}` makes one."
        )
    return Path(settings.CHECKPOINT_KEY_FILE).resolve()


def _waiting(path: Path) -> Path:
    return path.with_name(f"{path.name}.next")


def _read(path: Path) -> str:
    try:
        return path.read_text() if settings.PRODUCTION else read_or_make(path, new_key_text)
    except (OSError, ValueError) as error:
        raise KeyUnusable(f"{path}, the checkpoint key, cannot be read ({type(error).__name__}).") from None
