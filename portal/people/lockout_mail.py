"""Telling a person by e-mail that their sign-in is locked; each lock is told once, whatever messages come."""

import logging
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.core.mail import send_mail
from django.utils import timezone

from portal.accounts.models import User
from portal.people.models import LockoutMail
from portal.wakeups import wake_after_commit

log = logging.getLogger(__name__)

TASK = "portal.people.tasks.tell_of_lock"
#: A mail server that is away for longer is told nothing more.
_GIVEN_UP = timedelta(days=1)
_MOST_AT_ONCE = 200
_TEXT = """Hello {name},

somebody entered a wrong password for your account so often that signing in with it is locked for {minutes} minutes.

Was it you? Wait, then sign in, or reset your password.
Was it not you? Nobody came in, and you need to do nothing. Tell an administrator if it happens again.
"""


def announce(person_id: UUID) -> None:
    """Let the person be told of the lock that is recorded in this transaction."""
    LockoutMail.objects.update_or_create(person_id=person_id, defaults={"locked_at": timezone.now(), "told_at": None})
    wake_after_commit(TASK, person_id)


def tell(person_id: UUID) -> None:
    """Write to the person, if there is a lock that they were not told of; nobody has the id, nobody is told."""
    mine = LockoutMail.objects.filter(person_id=person_id)
    # Noted before it is sent: rather one e-mail too few than one too many.
    if not mine.filter(told_at=None, locked_at__gte=_oldest()).update(told_at=timezone.now()):
        return
    person = User.objects.filter(pk=person_id, is_active=True).first()
    if person is None:
        return
    text = _TEXT.format(name=person, minutes=settings.GUESS_WINDOW_SECONDS // 60)
    try:
        send_mail("Your sign-in is locked for a while", text, None, [person.email])
    except OSError as error:  # smtplib's errors are of this kind too
        log.warning("e-mail not sent (%s), it will be tried again", type(error).__name__)
        mine.update(told_at=None)


def sweep() -> None:
    """Wake up what was not told."""
    untold = LockoutMail.objects.filter(told_at=None, locked_at__gte=_oldest())
    for person_id in untold.values_list("person_id", flat=True)[:_MOST_AT_ONCE]:
        wake_after_commit(TASK, person_id)


def _oldest() -> datetime:
    return timezone.now() - _GIVEN_UP
