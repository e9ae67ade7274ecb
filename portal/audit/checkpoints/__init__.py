"""Signed checkpoints: what makes a rewritten or shortened history show, also to somebody outside.

`making` signs one, `keys` holds what signs, `folder` appends them to a folder outside the database, `urgent` tells
which events want one at once. Their format stands in `portal.audit.verifier.verify`, which also reads them.
"""
