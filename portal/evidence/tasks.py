"""What the worker does about evidence; each task bears duplicates."""

from uuid import UUID

from portal.audit.actors import SYSTEM
from portal.celery import app
from portal.evidence import making
from portal.evidence.anchoring import anchor
from portal.evidence.verifying import verify_if_due


@app.task(name="portal.evidence.tasks.checkpoint")
def checkpoint(_row_id: str = "") -> None:
    """Sign what moved, if anything did, and bring it outside."""
    anchor()


@app.task(name="portal.evidence.tasks.make_pack")
def make_pack(pack_id: str) -> None:
    """Make an evidence pack."""
    making.make_pack(UUID(pack_id))


@app.task(name="portal.evidence.tasks.verify_history")
def verify_history() -> None:
    """Verify the whole database, daily; a message in between finds nothing due."""
    verify_if_due(SYSTEM)
