"""Celery tasks of evidence; each tolerates duplicate messages."""

from uuid import UUID

from portal.audit.actors import SYSTEM
from portal.celery import app
from portal.evidence import pack_builder
from portal.evidence.anchoring import anchor
from portal.evidence.verify_history import verify_if_due


@app.task(name="portal.evidence.tasks.checkpoint")
def checkpoint(_row_id: str = "") -> None:
    """Sign a checkpoint if one is due, and append it to the folder."""
    anchor()


@app.task(name="portal.evidence.tasks.make_pack")
def make_pack(pack_id: str) -> None:
    """Create an evidence pack."""
    pack_builder.make_pack(UUID(pack_id))


@app.task(name="portal.evidence.tasks.verify_history")
def verify_history() -> None:
    """Check the whole database after each night; a message in between does nothing."""
    verify_if_due(SYSTEM)
