"""Telling people by e-mail that something began to wait for them.

The e-mail names kind and tenant and nothing else, for mailboxes are no vault; it holds no link, so that nobody learns
to follow one. Whoever waits for it no more when it is sent is not written to.
"""

import logging
from datetime import datetime, timedelta
from uuid import UUID

from django.core.mail import send_mail
from django.db.models import QuerySet
from django.utils import timezone

from portal.accounts.models import User
from portal.audit.actors import SYSTEM
from portal.audit.recording import Target, record
from portal.audit.transactions import atomic
from portal.audit.verbs import Verb
from portal.core.tasks.claim import claim, held, is_free
from portal.core.tasks.sweeper import Kind as WorkKind
from portal.frame.navigation import PRODUCT_NAME
from portal.notices.kinds import kind_of
from portal.notices.models import Announcement
from portal.wakeups import wake_after_commit

log = logging.getLogger(__name__)

TASK = "portal.notices.tasks.mail"
#: Longer than all e-mails of one announcement take.
_LEASE = timedelta(minutes=5)
#: A mail server that is away for longer is told nothing more: the page shows it all the same.
_GIVEN_UP = timedelta(days=1)
#: A lost message, or a mail server that is away, costs so long: nobody waits for an e-mail with a clock in the hand.
_RETRY = timedelta(minutes=5)
_NOT_SENT = "No mail server took it within a day. The page “Waits for me” shows what waits all the same."


class Lost(RuntimeError):
    """Another worker has taken the announcement over."""


def announce(kind_key: str, row_id: UUID, tenant_id: UUID) -> None:
    """Let those for whom this row waits be told, in the caller's transaction."""
    now = timezone.now()
    row = Announcement.objects.create(kind=kind_key, row_id=row_id, tenant_id=tenant_id, at=now, published_at=now)
    wake_after_commit(TASK, row.pk)


def tell(announcement_id: UUID) -> None:
    """Write to everyone who was not told yet; a repeated message finds nothing to do."""
    row = _claim(announcement_id)
    if row is None:
        return
    try:
        for user in _waiting(row):
            _write(row, user)
    except OSError as error:  # smtplib's errors are of this kind too
        log.warning("e-mail not sent (%s), it will be tried again", type(error).__name__)
        held(row).update(lease_until=None, published_at=timezone.now())
    except Lost:
        return
    else:
        held(row).update(lease_until=None, over_at=timezone.now())


def announcements_to_claim(now: datetime) -> QuerySet[Announcement]:
    """Return the announcements that are not over and that no worker has."""
    return Announcement.objects.filter(is_free(now), over_at=None)


def _claim(announcement_id: UUID) -> Announcement | None:
    now = timezone.now()
    return claim(announcements_to_claim(now), announcement_id, lease_until=now + _LEASE, related=["tenant"])


@atomic
def give_up(announcement_id: UUID) -> None:
    """Tell nobody more: no mail server took it for a day."""
    row = _claim(announcement_id)
    if row is None or not held(row).update(lease_until=None, over_at=timezone.now()):
        return
    target = Target("e-mail", str(row.row_id), f"the e-mail about “{_label(row)}”")
    record(Verb.WORK_GIVEN_UP, target, SYSTEM, tenant_id=row.tenant_id, reason=_NOT_SENT)


KIND = WorkKind(
    "announcements",
    TASK,
    announcements_to_claim,
    give_up,
    patience=lambda: _RETRY,
    most_tries=_GIVEN_UP // _RETRY,
    begun="at",
    longest=_GIVEN_UP,
)


def _label(row: Announcement) -> str:
    kind = kind_of(row.kind)
    return kind.label if kind else row.kind


def _waiting(row: Announcement) -> list[User]:
    """Return the tenant's people for whom it waits now.

    One query for each of the few of a tenant: only the kind's own query knows, and it is asked for one person.
    """
    kind = kind_of(row.kind)
    people = User.objects.filter(memberships__tenant_id=row.tenant_id, is_active=True).distinct()
    if kind is None:
        return []
    untold = [user for user in people.order_by("email") if str(user.pk) not in row.told]
    return [user for user in untold if kind.rows(user).filter(pk=row.row_id).exists()]


def _write(row: Announcement, user: User) -> None:
    """Note it before it is sent: rather one e-mail too few than one too many."""
    label = _label(row)
    if not held(row).update(told=[*row.told, str(user.pk)]):
        raise Lost
    try:
        send_mail(f"{PRODUCT_NAME}: {label}, {_one_line(row.tenant.name)}", _text(row, label), None, [user.email])
    except OSError:
        held(row).update(told=row.told)
        raise
    row.told = [*row.told, str(user.pk)]


def _text(row: Announcement, label: str) -> str:
    return (
        f"{label}: something of {row.tenant.name} waits for you since {row.at:%-d %b %Y, %H:%M} UTC.\n\n"
        "Sign in to the portal and open “Waits for me”. This e-mail holds no link on purpose.\n"
    )


def _one_line(text: str) -> str:
    """A subject has one line, whatever a tenant is called."""
    return " ".join(text.split())
