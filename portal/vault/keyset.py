"""The vault's keyset: one JSON text with two Tink keysets.

`aead` encrypts (its key ids are in each ciphertext, so keys can be rotated), `prf` makes fingerprints. The text comes
from `VAULT_KEYSET_FILE` (mode 0600) or from `VAULT_KEYSET`; development makes the file on first use.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

import tink
from django.conf import settings
from tink import TinkError, aead, json_proto_keyset_format, prf, secret_key_access

from portal.local.secret_files import read_or_make

aead.register()
prf.register()


class KeysetUnusable(RuntimeError):
    """The keyset is missing or broken; the message says what to do and never shows the text."""


def new_keyset() -> str:
    """Return the text of a fresh keyset."""
    templates = {"aead": aead.aead_key_templates.AES256_GCM, "prf": prf.prf_key_templates.HMAC_SHA256}
    return json.dumps(
        {
            purpose: json.loads(
                json_proto_keyset_format.serialize(tink.new_keyset_handle(template), secret_key_access.TOKEN)
            )
            for purpose, template in templates.items()
        },
        indent=1,
    )


@cache
def cipher() -> aead.Aead:
    """Return what encrypts and decrypts; raises KeysetUnusable."""
    return _handle("aead").primitive(aead.Aead)


@cache
def fingerprinter() -> prf.PrfSet:
    """Return what makes fingerprints; raises KeysetUnusable."""
    return _handle("prf").primitive(prf.PrfSet)


def _handle(purpose: str) -> Any:
    try:
        text = json.dumps(json.loads(_text())[purpose])
        return json_proto_keyset_format.parse(text, secret_key_access.TOKEN)
    except (OSError, ValueError, KeyError, TypeError, TinkError) as error:
        raise KeysetUnusable(
            "The vault's keyset cannot be read. Check VAULT_KEYSET_FILE (or VAULT_KEYSET); "
            "`manage.py vault new-keyset` shows what one looks like."
        ) from error


def _text() -> str:
    if settings.VAULT_KEYSET:
        return str(settings.VAULT_KEYSET)
    path = Path(settings.VAULT_KEYSET_FILE)
    return path.read_text() if settings.PRODUCTION else read_or_make(path, new_keyset)
