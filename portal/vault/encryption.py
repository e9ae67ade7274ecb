"""Encryption that ties a ciphertext to its tenant, model, row and field."""

import base64
import binascii
from dataclasses import dataclass
from uuid import UUID

from tink import TinkError

from portal.vault.keyset import cipher, fingerprinter

FINGERPRINT_BYTES = 4
_KEY_ID = slice(1, 5)  # Tink's output prefix: one version byte, then the key's id


class DecryptionError(RuntimeError):
    """A ciphertext cannot be decrypted: it belongs to another row or key, or is damaged."""


@dataclass(frozen=True)
class EncryptionContext:
    """Encryption context: where alone a ciphertext can be decrypted; `binding` is where its value may be sent."""

    tenant_id: UUID
    model: str
    pk: UUID
    field: str
    binding: str = ""

    def associated_data(self) -> bytes:
        """Return the bytes that are authenticated with the ciphertext."""
        bound = f"|{self.binding}" if self.binding else ""
        return f"v1|{self.tenant_id}|{self.model}|{self.pk}|{self.field}{bound}".encode()


def encrypt(plaintext: bytes, place: EncryptionContext) -> bytes:
    """Encrypt `plaintext` for this context."""
    sealed: bytes = cipher().encrypt(plaintext, place.associated_data())
    return sealed


def decrypt(ciphertext: bytes | memoryview, place: EncryptionContext) -> bytes:
    """Return the plaintext. Raises DecryptionError."""
    try:
        plaintext: bytes = cipher().decrypt(bytes(ciphertext), place.associated_data())
    except TinkError as error:
        raise DecryptionError(
            "What is stored here does not open with the vault's keys. Enter it again; "
            "if this happens in more than one place, the keyset is not the one it was sealed with."
        ) from error
    return plaintext


def as_text(ciphertext: bytes) -> str:
    """Return the ciphertext in base64, for libraries that store only text."""
    return base64.b64encode(ciphertext).decode()


def from_text(text: str) -> bytes:
    """Return the ciphertext from base64. Other text is returned as bytes, which cannot be decrypted."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return text.encode()


def key_id(ciphertext: bytes | memoryview) -> int:
    """Return the id of the key that encrypted it, without decrypting."""
    return int.from_bytes(bytes(ciphertext)[_KEY_ID], "big")


def fingerprint(value: str, tenant_id: UUID) -> str:
    """Return a short keyed hash. It shows whether two values of one tenant are equal, and nothing else."""
    digest: bytes = fingerprinter().primary().compute(f"{tenant_id}|{value}".encode(), FINGERPRINT_BYTES)
    return digest.hex()
