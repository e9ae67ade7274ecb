"""What the worker does with notices. Messages carry ids only; the rows are the truth."""

from uuid import UUID

from portal.celery import app
from portal.notices import mailing


@app.task(name="portal.notices.tasks.mail")
def mail(announcement_id: str) -> None:
    """Write to those for whom something began to wait."""
    mailing.tell(UUID(announcement_id))
