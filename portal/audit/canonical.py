"""Canonical form of an event and its hash. Any change here needs a new schema version."""

import hashlib
import secrets
from typing import Any

import orjson

SCHEMA_VERSION = 1
DOMAIN = b"genesys-sms-portal/audit-event/v1\n"
_OPTIONS = orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z


def encode(fields: dict[str, Any]) -> bytes:
    """Return the canonical bytes of an event: JSON with sorted keys and UTC times ending in Z."""
    return orjson.dumps(fields, option=_OPTIONS)


def digest(canonical: bytes) -> str:
    """Return the hash of an event's bytes, which include chain, sequence number, version and the previous hash."""
    return hashlib.sha256(DOMAIN + canonical).hexdigest()


def commit_to(text: str, salt: bytes) -> str:
    """Return the salted commitment to a personal text, which replaces it in the chain."""
    return hashlib.sha256(salt + text.encode()).hexdigest()


def new_salt() -> bytes:
    """Return a new salt: without one, short texts such as addresses could be guessed from the commitment."""
    return secrets.token_bytes(16)
