"""Keyset of the vault: one JSON text with two Tink keysets.

`aead` encrypts; each ciphertext has its key's id, so keys can be rotated. `prf` computes fingerprints. The text comes
from `VAULT_KEYSET_FILE` (mode 0600) or from `VAULT_KEYSET`; in development the file is created on first use. A changed
file is noticed at the next use, so keys can be added and promoted without a restart.
"""

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import tink
from django.conf import settings
from django.views.decorators.debug import sensitive_variables
from tink import TinkError, aead, json_proto_keyset_format, prf, secret_key_access

from portal.core.secret_files import read_or_make

aead.register()
prf.register()


class KeysetUnusable(RuntimeError):
    """The keyset is missing or broken; the message says what to do and never contains the text."""

    def __init__(self) -> None:
        super().__init__(
            "The vault's keyset cannot be read. Check VAULT_KEYSET_FILE (or VAULT_KEYSET); "
            "`manage.py vault new-keyset` shows what one looks like."
        )


def new_keyset() -> str:
    """Return the text of a new keyset."""
    templates = {"aead": aead.aead_key_templates.AES256_GCM, "prf": prf.prf_key_templates.HMAC_SHA256}
    return json.dumps({purpose: _fresh(template) for purpose, template in templates.items()}, indent=1)


def new_aead_key() -> dict[str, Any]:
    """Return a new encryption key, as an item of a keyset's list of keys."""
    key: dict[str, Any] = _fresh(aead.aead_key_templates.AES256_GCM)["key"][0]
    return key


def _fresh(template: Any) -> dict[str, Any]:
    text = json_proto_keyset_format.serialize(tink.new_keyset_handle(template), secret_key_access.TOKEN)
    keyset: dict[str, Any] = json.loads(text)
    return keyset


def cipher() -> aead.Aead:
    """Return the primitive that encrypts and decrypts. Raises KeysetUnusable."""
    return _primitive("aead", aead.Aead, _version())


def fingerprinter() -> prf.PrfSet:
    """Return the primitive that computes fingerprints. Raises KeysetUnusable."""
    return _primitive("prf", prf.PrfSet, _version())


@sensitive_variables()
def keyset_text() -> str:
    """Return the keyset as JSON text. Raises KeysetUnusable."""
    try:
        if settings.VAULT_KEYSET:
            return str(settings.VAULT_KEYSET)
        path = Path(settings.VAULT_KEYSET_FILE)
        return path.read_text() if settings.PRODUCTION else read_or_make(path, new_keyset)
    except (OSError, UnicodeError):
        raise KeysetUnusable from None  # undecodable text may still be a key, and the error would contain it


@sensitive_variables()
def demand_usable(text: str) -> None:
    """Raise KeysetUnusable unless this keyset text can encrypt and compute fingerprints."""
    for purpose, primitive in (("aead", aead.Aead), ("prf", prf.PrfSet)):
        _parsed(text, purpose, primitive)


def _version() -> tuple[str, int, int]:
    """Return a version that changes with the keyset: path, modification time and inode of its file.

    The time alone does not distinguish two changes within one tick of the system clock.
    """
    if settings.VAULT_KEYSET:
        return ("", hash(settings.VAULT_KEYSET), 0)
    path = Path(settings.VAULT_KEYSET_FILE)
    try:
        found = path.stat()
    except OSError:
        keyset_text()  # creates the file in development, raises KeysetUnusable in production
        found = path.stat()
    return (str(path), found.st_mtime_ns, found.st_ino)


@lru_cache(maxsize=8)
@sensitive_variables()
def _primitive(purpose: str, primitive: Any, version: tuple[str, int, int]) -> Any:  # noqa: ARG001 - part of the cache's key
    return _parsed(keyset_text(), purpose, primitive)


@sensitive_variables()
def _parsed(text: str, purpose: str, primitive: Any) -> Any:
    try:
        half = json.dumps(json.loads(text)[purpose])
        return json_proto_keyset_format.parse(half, secret_key_access.TOKEN).primitive(primitive)
    except (ValueError, KeyError, TypeError, TinkError):
        raise KeysetUnusable from None  # the parser's error contains the text
