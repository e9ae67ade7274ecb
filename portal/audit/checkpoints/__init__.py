"""Signed checkpoints: they make a rewritten or truncated audit trail detectable, also for outsiders.

`making` signs checkpoints, `keys` holds the signing key, `folder` appends them to a folder outside the database, and
`urgent` triggers one after urgent events. `portal.audit.verifier.verify` defines the format and parses it.
"""
