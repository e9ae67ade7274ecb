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
from portal.core.mail_errors import reason_of
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
_NOT_SENT = (
    "Not everybody could be told by e-mail within a day{why}. The page “Waits for me” shows what waits all the same."
)


class Lost(RuntimeError):
    """Another worker has taken the announcement over."""


def announce(kind_key: str, row_id: UUID, tenant_id: UUID) -> None:
    """Let those for whom this row waits be told, in the caller's transaction."""
    now = timezone.now()
    row = Announcement.objects.create(kind=kind_key, row_id=row_id, tenant_id=tenant_id, at=now, published_at=now)
    wake_after_commit(TASK, row.pk)


def tell(announcement_id: UUID) -> None:
    """Write to everyone who was not told yet, whatever becomes of the others' e-mails.

    Those whose e-mail was not sent are tried again; a repeated message finds nothing to do.
    """
    row = _claim(announcement_id)
    if row is None:
        return
    try:
        told = [_tell_one(row, user) for user in _untold(row)]
    except Lost:
        return
    if all(told):
        held(row).update(lease_until=None, over_at=timezone.now())
    else:
        held(row).update(lease_until=None, published_at=timezone.now())


def undelivered() -> str | None:
    """Say how many people could lately not be told by e-mail, and why; for the operations page."""
    lately = Announcement.objects.filter(at__gte=timezone.now() - 2 * _GIVEN_UP).exclude(failed={})
    failed = {who: why for each in lately.order_by("at").values_list("failed", flat=True) for who, why in each.items()}
    if not failed:
        return None
    people = "one person" if len(failed) == 1 else f"{len(failed)} people"
    return (
        f"E-mails about what waits could not be sent to {people} ({', '.join(sorted(set(failed.values())))}). The page "
        "“Waits for me” shows it to them all the same. Check the mail server, and the addresses on “People”."
    )


def trouble_with(user_id: UUID) -> str:
    """Return why the last e-mail to this person was not sent, or nothing."""
    lately = Announcement.objects.filter(at__gte=timezone.now() - 2 * _GIVEN_UP, failed__has_key=str(user_id))
    failed = lately.order_by("-at").values_list("failed", flat=True).first()
    return str(failed[str(user_id)]) if failed else ""


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
    why = f" ({', '.join(sorted(set(row.failed.values())))})" if row.failed else ""
    target = Target("e-mail", str(row.row_id), f"the e-mail about “{_label(row)}”")
    record(Verb.WORK_GIVEN_UP, target, SYSTEM, tenant_id=row.tenant_id, reason=_NOT_SENT.format(why=why))


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


def _untold(row: Announcement) -> list[User]:
    """Return the tenant's people who were not told yet."""
    people = User.objects.filter(memberships__tenant_id=row.tenant_id, is_active=True).distinct()
    return [user for user in people.order_by("email") if str(user.pk) not in row.told]


def _tell_one(row: Announcement, user: User) -> bool:
    """Write to one person if it waits for them; say whether nothing is left to do for them. Raises Lost."""
    try:
        if _waits_for(row, user):
            _write(row, user)
    except Lost:
        raise
    except Exception as error:  # noqa: BLE001 - whatever a mail server or an address lets fail, the others are written to
        _note_failure(row, user, error)
        return False
    return True


def _waits_for(row: Announcement, user: User) -> bool:
    """Ask the kind's own query, for one person at a time: only it knows."""
    kind = kind_of(row.kind)
    return kind is not None and kind.rows(user).filter(pk=row.row_id).exists()


def _write(row: Announcement, user: User) -> None:
    """Note it before it is sent: rather one e-mail too few than one too many. Each gets the whole lease."""
    label, lease = _label(row), timezone.now() + _LEASE
    failed = {who: why for who, why in row.failed.items() if who != str(user.pk)}
    if not held(row).update(told=[*row.told, str(user.pk)], failed=failed, lease_until=lease):
        raise Lost
    row.lease_until = lease
    send_mail(f"{PRODUCT_NAME}: {label}, {_one_line(row.tenant.name)}", _text(row, label), None, [user.email])
    row.told, row.failed = [*row.told, str(user.pk)], failed


def _note_failure(row: Announcement, user: User, error: Exception) -> None:
    """Keep why somebody was not told, and log it once: it may be tried a hundred times."""
    why = reason_of(error)
    if row.failed.get(str(user.pk)) != why:
        log.warning("e-mail to person %s not sent (%s), it will be tried again", user.pk, why)
    row.failed = {**row.failed, str(user.pk): why}
    held(row).update(told=row.told, failed=row.failed)


def _text(row: Announcement, label: str) -> str:
    return (
        f"{label}: something of {row.tenant.name} waits for you since {row.at:%-d %b %Y, %H:%M} UTC.\n\n"
        "Sign in to the portal and open “Waits for me”. This e-mail holds no link on purpose.\n"
    )


def _one_line(text: str) -> str:
    """A subject has one line, whatever a tenant is called."""
    return " ".join(text.split())
