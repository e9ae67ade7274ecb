"""Notification e-mails: one per person when something starts to wait for them.

The e-mail contains only kind and tenant, because mailboxes are not secure. It contains no link, so that people do not
get used to following links. If the item no longer waits for a person when the e-mail is sent, they get none.
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
from portal.core.tasks.publish import send_task_on_commit
from portal.core.tasks.sweeper import Kind as WorkKind
from portal.notifications.kinds import kind_of
from portal.notifications.models import OutboxMessage
from portal.ui.navigation import PRODUCT_NAME

log = logging.getLogger(__name__)

TASK = "portal.notifications.tasks.mail"
#: Longer than sending one e-mail takes; renewed for each.
_LEASE = timedelta(minutes=5)
#: After this time no further attempt is made: the page shows the item all the same.
_GIVEN_UP = timedelta(days=1)
#: Delay between attempts, and before the sweeper replaces a lost message; e-mails are not urgent.
_RETRY = timedelta(minutes=5)
_NOT_SENT = (
    "Not everybody could be told by e-mail within a day{why}. The page “Waits for me” shows what waits all the same."
)


class Lost(RuntimeError):
    """Another worker has claimed the announcement."""


def announce(kind_key: str, row_id: UUID, tenant_id: UUID) -> None:
    """Queue the e-mails about this row, in the caller's transaction."""
    now = timezone.now()
    row = OutboxMessage.objects.create(kind=kind_key, row_id=row_id, tenant_id=tenant_id, at=now, published_at=now)
    send_task_on_commit(TASK, row.pk)


def tell(announcement_id: UUID) -> None:
    """Send the e-mails that were not sent yet; one that fails does not affect the others.

    Failed ones are tried again; a repeated message finds nothing to do.
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
    """Return an alert for the operations page: how many people recently got no e-mail, and why."""
    lately = OutboxMessage.objects.filter(at__gte=timezone.now() - 2 * _GIVEN_UP).exclude(failed={})
    failed = {who: why for each in lately.order_by("at").values_list("failed", flat=True) for who, why in each.items()}
    if not failed:
        return None
    people = "one person" if len(failed) == 1 else f"{len(failed)} people"
    return (
        f"E-mails about what waits could not be sent to {people} ({', '.join(sorted(set(failed.values())))}). The page "
        "“Waits for me” shows it to them all the same. Check the mail server, and the addresses on “People”."
    )


def trouble_with(user_id: UUID) -> str:
    """Return why the last e-mail to this person was not sent, or ""."""
    lately = OutboxMessage.objects.filter(at__gte=timezone.now() - 2 * _GIVEN_UP, failed__has_key=str(user_id))
    failed = lately.order_by("-at").values_list("failed", flat=True).first()
    return str(failed[str(user_id)]) if failed else ""


def announcements_to_claim(now: datetime) -> QuerySet[OutboxMessage]:
    """Return the announcements that are not finished and that no worker has claimed."""
    return OutboxMessage.objects.filter(is_free(now), over_at=None)


def _claim(announcement_id: UUID) -> OutboxMessage | None:
    now = timezone.now()
    return claim(announcements_to_claim(now), announcement_id, lease_until=now + _LEASE, related=["tenant"])


@atomic
def give_up(announcement_id: UUID) -> None:
    """Give up the remaining e-mails: no mail server accepted them for a day."""
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


def _label(row: OutboxMessage) -> str:
    kind = kind_of(row.kind)
    return kind.label if kind else row.kind


def _untold(row: OutboxMessage) -> list[User]:
    """Return the tenant's people who got no e-mail yet."""
    people = User.objects.filter(memberships__tenant_id=row.tenant_id, is_active=True).distinct()
    return [user for user in people.order_by("email") if str(user.pk) not in row.told]


def _tell_one(row: OutboxMessage, user: User) -> bool:
    """Send the e-mail if the item waits for this person; return False if it has to be tried again. Raises Lost."""
    try:
        if _waits_for(row, user):
            _write(row, user)
    except Lost:
        raise
    except Exception as error:  # noqa: BLE001 - no error of a mail server or an address may affect the other people
        _note_failure(row, user, error)
        return False
    return True


def _waits_for(row: OutboxMessage, user: User) -> bool:
    """Return whether the item waits for this person, by the kind's own query."""
    kind = kind_of(row.kind)
    return kind is not None and kind.rows(user).filter(pk=row.row_id).exists()


def _write(row: OutboxMessage, user: User) -> None:
    """Send one e-mail. Stored before sending: a missing e-mail is better than a repeated one. Renews the lease."""
    label, lease = _label(row), timezone.now() + _LEASE
    failed = {who: why for who, why in row.failed.items() if who != str(user.pk)}
    if not held(row).update(told=[*row.told, str(user.pk)], failed=failed, lease_until=lease):
        raise Lost
    row.lease_until = lease
    send_mail(f"{PRODUCT_NAME}: {label}, {_one_line(row.tenant.name)}", _text(row, label), None, [user.email])
    row.told, row.failed = [*row.told, str(user.pk)], failed


def _note_failure(row: OutboxMessage, user: User, error: Exception) -> None:
    """Store why an e-mail was not sent, and log a reason only once: there may be hundreds of attempts."""
    why = reason_of(error)
    if row.failed.get(str(user.pk)) != why:
        log.warning("e-mail to person %s not sent (%s), it will be tried again", user.pk, why)
    row.failed = {**row.failed, str(user.pk): why}
    held(row).update(told=row.told, failed=row.failed)


def _text(row: OutboxMessage, label: str) -> str:
    return (
        f"{label}: something of {row.tenant.name} waits for you since {row.at:%-d %b %Y, %H:%M} UTC.\n\n"
        "Sign in to the portal and open “Waits for me”. This e-mail holds no link on purpose.\n"
    )


def _one_line(text: str) -> str:
    """Return the text in one line, for the subject: a tenant's name may contain line breaks."""
    return " ".join(text.split())
