"""Celery task of notification e-mails. Messages carry ids only; the rows are the truth."""

from uuid import UUID

from portal.celery import app
from portal.notifications import mailing


@app.task(name="portal.notifications.tasks.mail")
def mail(announcement_id: str) -> None:
    """Send the e-mails of an announcement."""
    mailing.tell(UUID(announcement_id))
