"""Sending the link with which somebody chooses another password.

A web request keeps the address that was typed and looks nobody up, so it does the same for every address, in the same
time. A worker looks whether somebody signs in with it. The row is deleted then: it holds what a stranger typed.
"""

import logging
from datetime import datetime, timedelta
from uuid import UUID

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.core.mail import send_mail
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from portal.accounts.models import User
from portal.audit.actors import SYSTEM
from portal.audit.context import acting, current
from portal.audit.recording import Target, record
from portal.audit.transactions import atomic, in_turn
from portal.audit.verbs import Verb
from portal.core.logging.redaction import remember_secret
from portal.core.mail_errors import reason_of
from portal.core.public_url import public_url
from portal.core.tasks.claim import claim, held, is_free
from portal.core.tasks.publish import send_task_on_commit
from portal.core.tasks.sweeper import Kind
from portal.identity import history
from portal.identity.models import PasswordResetMail

log = logging.getLogger(__name__)

TASK = "portal.identity.tasks.send_reset_link"
#: Nobody waits longer for a link, and one that comes much later is a riddle.
_GIVEN_UP = timedelta(hours=1)
#: While a mail server is away it is tried so often; so much later a lost message is made up for.
_RETRY = timedelta(minutes=1)
#: Longer than one e-mail takes.
_LEASE = timedelta(minutes=5)
#: Longer addresses are nobody's.
_LONGEST = 320


@atomic
def ask(address: str) -> None:
    """Let a link be sent to this address, if somebody signs in with it; the work here is the same if nobody does."""
    now, context = timezone.now(), current()
    row = PasswordResetMail.objects.create(
        address=address[:_LONGEST],
        asked_at=now,
        published_at=now,
        request_id=context.request_id,
        client_address=context.address,
    )
    send_task_on_commit(TASK, row.pk)


def send(mail_id: UUID) -> None:
    """Write to the person; a repeated message finds no row any more."""
    row = _claim(mail_id, asked_since=timezone.now() - _GIVEN_UP)
    if row is None:
        return
    person = _person_of(row)
    if person is None:
        held(row).delete()
        return
    try:
        _write(person)
    except Exception as error:  # noqa: BLE001 - whatever it is, it ends no worker, and is tried again
        if row.tries == 1:  # once: it may be tried sixty times
            log.warning("e-mail to person %s not sent (%s), it will be tried again", person.pk, reason_of(error))
        again = None if row.tries == 1 else timezone.now()  # soon at first, then ever so often
        held(row).update(lease_until=None, published_at=again)
    else:
        _note_sent(row, person)


def mails_to_claim(now: datetime) -> QuerySet[PasswordResetMail]:
    """Return the mails that no worker has."""
    return PasswordResetMail.objects.filter(is_free(now))


@atomic
def give_up(mail_id: UUID) -> None:
    """Send no link any more: no mail server took it for an hour."""
    row = _claim(mail_id)
    if row is None:
        return
    person = _person_of(row)
    row.delete()
    if person is not None:
        target = Target("person", str(person.pk), "the e-mail with a link to choose another password")
        record(Verb.WORK_GIVEN_UP, target, SYSTEM, reason="No mail server took it within an hour.")


KIND = Kind(
    "mails with links to choose another password",
    TASK,
    mails_to_claim,
    give_up,
    patience=lambda: _RETRY,
    most_tries=_GIVEN_UP // _RETRY,
    begun="asked_at",
    longest=_GIVEN_UP,
)


def _claim(mail_id: UUID, asked_since: datetime | None = None) -> PasswordResetMail | None:
    now = timezone.now()
    mails = mails_to_claim(now)
    young = mails if asked_since is None else mails.filter(asked_at__gte=asked_since)
    return claim(young, mail_id, lease_until=now + _LEASE)


def _person_of(row: PasswordResetMail) -> User | None:
    return User.objects.filter(email__iexact=row.address, is_active=True).first()


@sensitive_variables()
def _write(person: User) -> None:
    """Send to the address of the account, and not to what was typed: a database may take two spellings for one."""
    key = default_token_generator.make_token(person)
    remember_secret({"resetKey": key})
    link = public_url(
        reverse("account_reset_password_from_key", kwargs={"uidb36": user_pk_to_url_str(person), "key": key})
    )
    body = render_to_string("people/password_reset.txt", {"link": link})
    send_mail("[SMS Portal] Choose another password", body, None, [person.email])


def _note_sent(row: PasswordResetMail, person: User) -> None:
    """Forget the row and record that the link was sent, with where it was asked for."""

    def note() -> None:
        if held(row).delete()[0]:
            history.reset_sent(person)

    with acting(row.request_id, row.client_address):
        in_turn(note)
