"""Celery tasks for e-mails. Messages carry ids only; the rows are the truth."""

from uuid import UUID

from portal.celery import app
from portal.identity import lockout_mail, reset_mail


@app.task(name="portal.identity.tasks.tell_of_lock")
def tell_of_lock(person_id: str) -> None:
    """Send the e-mail about a lockout; does nothing if there is none to send."""
    lockout_mail.tell(UUID(person_id))


@app.task(name="portal.identity.tasks.send_reset_link")
def send_reset_link(mail_id: str) -> None:
    """Send a person the link with which they choose another password."""
    reset_mail.send(UUID(mail_id))
