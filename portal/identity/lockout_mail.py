"""Lockout e-mail: a person is told once that their sign-in is locked, even if messages are repeated."""

import logging
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.core.mail import send_mail
from django.db.models import QuerySet
from django.utils import timezone

from portal.accounts.models import User
from portal.audit.actors import SYSTEM
from portal.audit.recording import Target, record
from portal.audit.transactions import atomic
from portal.audit.verbs import Verb
from portal.core.mail_errors import reason_of
from portal.core.tasks.claim import claim, held, is_free
from portal.core.tasks.publish import send_task_on_commit
from portal.core.tasks.sweeper import Kind
from portal.identity.models import LockoutMail

log = logging.getLogger(__name__)

TASK = "portal.identity.tasks.tell_of_lock"
#: After this time no further attempt is made to send it.
_GIVEN_UP = timedelta(days=1)
#: Delay between attempts, and before the sweeper replaces a lost message.
_RETRY = timedelta(minutes=5)
#: Longer than sending one e-mail takes.
_LEASE = timedelta(minutes=5)
_TEXT = """Hello {name},

somebody entered a wrong password for your account so often that signing in with it is locked for {minutes} minutes.

Was it you? Wait, then sign in, or reset your password.
Was it not you? Nobody came in, and you need to do nothing. Tell an administrator if it happens again.
"""


def announce(person_id: UUID) -> None:
    """Queue the e-mail about a lock that this transaction records."""
    now = timezone.now()
    facts = {"locked_at": now, "told_at": None, "tries": 0, "published_at": now}
    LockoutMail.objects.update_or_create(person_id=person_id, defaults=facts)
    send_task_on_commit(TASK, person_id)


def tell(person_id: UUID) -> None:
    """Send the e-mail, unless it was sent or there is no such person."""
    row = _claim(person_id)
    # Stored before sending: a missing e-mail is better than a repeated one.
    if row is None or not held(row).update(told_at=timezone.now()):
        return
    person = User.objects.filter(pk=person_id, is_active=True).first()
    try:
        if person is not None:
            text = _TEXT.format(name=person, minutes=settings.GUESS_WINDOW_SECONDS // 60)
            send_mail("Your sign-in is locked for a while", text, None, [person.email])
    except Exception as error:  # noqa: BLE001 - no error may end the worker, and it is tried again
        if row.tries == 1:  # once only: there may be hundreds of attempts
            log.warning("e-mail to person %s not sent (%s), it will be tried again", person_id, reason_of(error))
        again = None if row.tries == 1 else timezone.now()  # at once after the first attempt, then at intervals
        held(row).update(told_at=None, lease_until=None, published_at=again)
    else:
        held(row).update(lease_until=None)


def mails_to_claim(now: datetime) -> QuerySet[LockoutMail]:
    """Return the locks without an e-mail that no worker has claimed."""
    return LockoutMail.objects.filter(is_free(now), told_at=None)


def _claim(person_id: UUID) -> LockoutMail | None:
    now = timezone.now()
    young = mails_to_claim(now).filter(locked_at__gte=now - _GIVEN_UP)
    return claim(young, person_id, lease_until=now + _LEASE)


@atomic
def give_up(person_id: UUID) -> None:
    """Give up the e-mail: no mail server accepted it for a day."""
    row = LockoutMail.objects.select_for_update().filter(person_id=person_id, told_at=None).first()
    if row is None:
        return
    row.delete()
    target = Target("person", str(person_id), "the e-mail about the lock of a sign-in")
    record(Verb.WORK_GIVEN_UP, target, SYSTEM, reason="No mail server took it within a day.")


KIND = Kind(
    "mails about locks",
    TASK,
    mails_to_claim,
    give_up,
    patience=lambda: _RETRY,
    most_tries=_GIVEN_UP // _RETRY,
    begun="locked_at",
    longest=_GIVEN_UP,
)
