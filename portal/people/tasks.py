"""E-mails that nobody waits for. Messages carry ids only; the rows are the truth."""

from uuid import UUID

from portal.celery import app
from portal.people import lockout_mail


@app.task(name="portal.people.tasks.tell_of_lock")
def tell_of_lock(person_id: str) -> None:
    """Tell a person that their sign-in is locked for a while; a message without a lock tells nobody."""
    lockout_mail.tell(UUID(person_id))
