"""Telling people by e-mail that something began to wait for them.

The e-mail names kind and tenant and nothing else, for mailboxes are no vault; it holds no link, so that nobody learns
to follow one. Whoever waits for it no more when it is sent is not written to.
"""

import logging
from datetime import datetime, timedelta
from uuid import UUID

from django.core.mail import send_mail
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from portal.accounts.models import User
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
_MOST_AT_ONCE = 200


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
        _held(row).update(lease_until=None)
    except Lost:
        return
    else:
        _held(row).update(lease_until=None, over_at=timezone.now())


@transaction.atomic
def sweep() -> int:
    """Wake up what was not told, and give up what nobody could be told for a day; return how many are woken."""
    now = timezone.now()
    open_ones = Announcement.objects.filter(_free(now), over_at=None)
    open_ones.filter(at__lt=now - _GIVEN_UP).update(over_at=now)
    found = list(open_ones.filter(published_at__lt=now - _RETRY).values_list("pk", flat=True)[:_MOST_AT_ONCE])
    Announcement.objects.filter(pk__in=found).update(published_at=now)
    for pk in found:
        wake_after_commit(TASK, pk)
    return len(found)


def _free(now: datetime) -> Q:
    return Q(lease_until=None) | Q(lease_until__lt=now)


def _claim(announcement_id: UUID) -> Announcement | None:
    now = timezone.now()
    free = Announcement.objects.filter(_free(now), pk=announcement_id, over_at=None)
    taken = free.update(lease_until=now + _LEASE)
    mine = Announcement.objects.select_related("tenant").filter(pk=announcement_id, lease_until=now + _LEASE)
    return mine.first() if taken else None


def _held(row: Announcement) -> QuerySet[Announcement]:
    """Return the row while the lease under which it was claimed is ours."""
    return Announcement.objects.filter(pk=row.pk, lease_until=row.lease_until)


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
    kind = kind_of(row.kind)
    label = kind.label if kind else row.kind
    if not _held(row).update(told=[*row.told, str(user.pk)]):
        raise Lost
    try:
        send_mail(f"{PRODUCT_NAME}: {label}, {_one_line(row.tenant.name)}", _text(row, label), None, [user.email])
    except OSError:
        _held(row).update(told=row.told)
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
