"""Canonical form of an event. Any change here needs a new schema version.

The verifier has the rules of hashes and commitments; they stand there once, for the portal too.
"""

import secrets
from typing import Any

import orjson

from portal.audit.verifier.verify import SCHEMA_VERSION, commitment_to, event_hash

#: The rules under the names that the portal uses.
digest, commit_to = event_hash, commitment_to
_OPTIONS = orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z


def encode(fields: dict[str, Any]) -> bytes:
    """Return the canonical bytes of an event: JSON with sorted keys and UTC times ending in Z."""
    return orjson.dumps(fields, option=_OPTIONS)


def new_salt() -> bytes:
    """Return a new salt: without one, short texts such as addresses could be guessed from the commitment."""
    return secrets.token_bytes(16)


__all__ = ["SCHEMA_VERSION", "commit_to", "digest", "encode", "new_salt"]
