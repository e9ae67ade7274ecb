"""Finding what waits: lost messages, ended waits, orders whose worker fell silent, and drafts that were left."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from portal.audit.actors import SYSTEM
from portal.audit.verbs import Verb
from portal.crash_points import reach
from portal.turns import turn
from portal.wakeups import wake_after_commit
from tollfree.orders.models import EvidenceKind, NumberOrder, Release
from tollfree.orders.moving import GO_TASK, RELEASE_TASK, Overtaken, add_evidence, move, move_release
from tollfree.orders.sending import settle_time
from tollfree.orders.states import OrderState, ReleaseState

#: The most rows that one sweep takes of each kind; the next one takes the rest.
MOST_AT_ONCE = 500
#: A draft holds its number, so that two people do not confirm it at once; not for ever.
DRAFT_LIFE = timedelta(hours=1)


def sweep() -> int:
    """Make up for whatever was lost or forgotten; return how many orders and releases were woken."""
    _take_over_silent_orders()
    _take_over_silent_releases()
    _cancel_left_drafts()
    return _wake_due_orders() + _wake_due_releases()


def _take_over_silent_orders() -> None:
    """Call the outcome unknown where a worker went silent after its claim: it may have sent, so nobody sends again."""
    silent = NumberOrder.objects.filter(state=OrderState.SENDING, lease_until__lt=timezone.now())
    for order in silent.select_related("group").order_by("lease_until")[:MOST_AT_ONCE]:
        sentence = (
            "The worker fell silent after it had begun to send. Whether the number was bought is not known yet. "
            "It will be looked for; nothing is sent again."
        )
        try:
            with turn(), transaction.atomic():
                move(
                    order,
                    OrderState.UNKNOWN,
                    Verb.ORDER_UNKNOWN,
                    SYSTEM,
                    sentence=sentence,
                    fence=order.fence + 1,
                    due_at=settle_time(),
                )
                add_evidence(order, EvidenceKind.SILENCE, f"{order.sender} fell silent.")
                reach("order.takeover.uncommitted")
        except Overtaken:
            continue


def _take_over_silent_releases() -> None:
    silent = Release.objects.filter(state=ReleaseState.SENDING, lease_until__lt=timezone.now())
    for release in silent.order_by("lease_until")[:MOST_AT_ONCE]:
        sentence = "The worker fell silent while it released the number. The list will tell what became of it."
        try:
            with turn(), transaction.atomic():
                move_release(
                    release,
                    ReleaseState.UNKNOWN,
                    Verb.RELEASE_UNKNOWN,
                    SYSTEM,
                    sentence=sentence,
                    fence=release.fence + 1,
                    due_at=settle_time(),
                )
        except Overtaken:
            continue


def _cancel_left_drafts() -> None:
    left = NumberOrder.objects.filter(state=OrderState.DRAFT, created_at__lt=timezone.now() - DRAFT_LIFE)
    for order in left[:MOST_AT_ONCE]:
        sentence = "The draft was left for an hour, so it let go of its number. Nothing was sent."
        try:
            with turn(), transaction.atomic():
                move(order, OrderState.CANCELLED, Verb.ORDER_CANCELLED, SYSTEM, sentence=sentence)
        except Overtaken:
            continue


def _wake_due_orders() -> int:
    """Publish every order for which something is due and that was not published lately."""
    now = timezone.now()
    with turn(), transaction.atomic():
        due = NumberOrder.objects.filter(_forgotten(), due_at__lte=now).order_by("due_at")
        found = list(due.values_list("pk", flat=True)[:MOST_AT_ONCE])
        NumberOrder.objects.filter(pk__in=found).update(published_at=now)
        for order_id in found:
            wake_after_commit(GO_TASK, order_id)
        reach("order.sweep.uncommitted")
    return len(found)


def _wake_due_releases() -> int:
    now = timezone.now()
    with turn(), transaction.atomic():
        due = Release.objects.filter(_forgotten(), due_at__lte=now).order_by("due_at")
        found = list(due.values_list("pk", flat=True)[:MOST_AT_ONCE])
        Release.objects.filter(pk__in=found).update(published_at=now)
        for release_id in found:
            wake_after_commit(RELEASE_TASK, release_id)
    return len(found)


def _forgotten() -> Q:
    """Return the filter on rows that nobody published lately; after a wait only the message of its end may have."""
    stale = timezone.now() - timedelta(seconds=settings.ORDER_REPUBLISH_SECONDS)
    return Q(published_at=None) | Q(published_at__lt=stale) | Q(published_at__lte=F("due_at"))
