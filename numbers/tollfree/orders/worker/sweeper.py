"""Sweeper for orders and releases: silent workers, abandoned drafts, and work that was tried too often."""

from contextlib import suppress
from datetime import timedelta
from functools import partial
from uuid import UUID

from django.conf import settings
from django.db.models import Min
from django.utils import timezone

from portal.audit.actors import SYSTEM
from portal.audit.transactions import in_turn
from portal.audit.verbs import Verb
from portal.core.tasks.failpoints import failpoint
from portal.core.tasks.sweeper import GIVEN_UP, MOST_AT_ONCE, Kind, each_alone
from portal.operations.gauges import Gauge
from tollfree.orders.models import EvidenceKind, NumberOrder, Release
from tollfree.orders.releases.worker import leave_under_review
from tollfree.orders.states import OrderState, ReleaseState
from tollfree.orders.transitions import GO_TASK, RELEASE_TASK, Overtaken, add_evidence, transition, transition_release
from tollfree.orders.worker.dispatch import claim_order, claim_release, orders_to_claim, releases_to_claim
from tollfree.orders.worker.resolve import look_next
from tollfree.orders.worker.send import MOST_TRIES, settle_time

#: How long a draft holds its number, which keeps two users from ordering it at once.
DRAFT_LIFE = timedelta(hours=1)


def take_over() -> None:
    """Mark the outcome of silent workers' orders and releases as unknown, and cancel abandoned drafts."""
    now = timezone.now()
    silent = NumberOrder.objects.filter(state=OrderState.SENDING, lease_until__lt=now).select_related("group")
    each_alone("silent order", silent.order_by("lease_until")[:MOST_AT_ONCE], _take_over_order)
    releases = Release.objects.filter(state=ReleaseState.SENDING, lease_until__lt=now)
    each_alone("silent release", releases.order_by("lease_until")[:MOST_AT_ONCE], _take_over_release)
    left = NumberOrder.objects.filter(state=OrderState.DRAFT, created_at__lt=now - DRAFT_LIFE)
    each_alone("left draft", left.order_by("created_at")[:MOST_AT_ONCE], _cancel_draft)


def _take_over_order(order: NumberOrder) -> None:
    """Set the order to unknown: its worker may have sent the request, so nobody sends it again."""
    sentence = (
        "The worker fell silent after it had begun to send. Whether the number was bought is not known yet. "
        "It will be looked for; nothing is sent again."
    )
    fence, due = order.fence + 1, settle_time()

    def take_over_order() -> None:
        transition(order, OrderState.UNKNOWN, Verb.ORDER_UNKNOWN, SYSTEM, sentence=sentence, fence=fence, due_at=due)
        add_evidence(order, EvidenceKind.SILENCE, f"{order.sender} fell silent.")
        failpoint("order.takeover.uncommitted")

    with suppress(Overtaken):
        in_turn(take_over_order, order)


def _take_over_release(release: Release) -> None:
    sentence = "The worker fell silent while it released the number. The list will tell what became of it."
    to, verb, fence, due = ReleaseState.UNKNOWN, Verb.RELEASE_UNKNOWN, release.fence + 1, settle_time()
    with suppress(Overtaken):
        in_turn(
            partial(transition_release, release, to, verb, SYSTEM, sentence=sentence, fence=fence, due_at=due), release
        )


def _cancel_draft(order: NumberOrder) -> None:
    sentence = "The draft was left for an hour, so it let go of its number. Nothing was sent."
    with suppress(Overtaken):
        in_turn(
            partial(transition, order, OrderState.CANCELLED, Verb.ORDER_CANCELLED, SYSTEM, sentence=sentence), order
        )


def give_up_order(order_id: UUID) -> None:
    """End an order, or the look for it, after too many tries; if money may have been spent, a person decides."""
    if (order := claim_order(order_id)) is None:
        return
    in_turn(partial(_end_order, order, GIVEN_UP.format(tries=order.tries - 1)), order)


def _end_order(order: NumberOrder, why: str) -> None:
    if order.state == OrderState.QUEUED:
        sentence = f"{why} Nothing was sent; order again."
        transition(order, OrderState.REFUSED, Verb.ORDER_REFUSED, SYSTEM, sentence=sentence)
    elif order.state in {OrderState.UNKNOWN, OrderState.PLACED}:
        sentence = f"{why} Ask your Genesys contact, then decide whether the number is yours."
        transition(order, OrderState.UNDER_REVIEW, Verb.ORDER_UNDER_REVIEW, SYSTEM, sentence=sentence)
    else:
        add_evidence(order, EvidenceKind.LOOK_FAILED, why)
        look_next(order, None)


def give_up_release(release_id: UUID) -> None:
    """End a release after too many tries; if it may have been sent, a person decides."""
    if (release := claim_release(release_id)) is None:
        return
    in_turn(partial(_end_release, release, GIVEN_UP.format(tries=release.tries - 1)), release)


def _end_release(release: Release, why: str) -> None:
    if release.state == ReleaseState.WAITING:
        sentence = f"{why} Nothing was sent. The number is kept; ask for its release again."
        transition_release(release, ReleaseState.REFUSED, Verb.RELEASE_REFUSED, SYSTEM, sentence=sentence)
        return
    sentence = f"{why} Decide whether the number was given back."
    if release.state == ReleaseState.UNDER_REVIEW:
        leave_under_review(release, sentence)
    else:
        transition_release(release, ReleaseState.UNDER_REVIEW, Verb.RELEASE_UNDER_REVIEW, SYSTEM, sentence=sentence)


def _patience() -> timedelta:
    return timedelta(seconds=settings.ORDER_REPUBLISH_SECONDS)


ORDERS = Kind("orders", GO_TASK, orders_to_claim, give_up_order, _patience, most_tries=MOST_TRIES, due="due_at")

RELEASES = Kind(
    "releases", RELEASE_TASK, releases_to_claim, give_up_release, _patience, most_tries=MOST_TRIES, due="due_at"
)


def _in_state(state: OrderState) -> float:
    return float(NumberOrder.objects.filter(state=state).count())


def _oldest_waiting() -> float | None:
    """Return how many seconds the oldest queued order has waited; without a worker this grows."""
    waiting = NumberOrder.objects.filter(state=OrderState.QUEUED)
    oldest = waiting.aggregate(oldest=Min("group__confirmed_at"))["oldest"]
    return (timezone.now() - oldest).total_seconds() if oldest else None


GAUGES = (
    Gauge("orders_queued", "Orders that wait to be sent", lambda: _in_state(OrderState.QUEUED)),
    Gauge("orders_unknown", "Orders of unknown outcome", lambda: _in_state(OrderState.UNKNOWN)),
    Gauge("orders_under_review", "Orders under review", lambda: _in_state(OrderState.UNDER_REVIEW)),
    Gauge("orders_oldest_waiting_seconds", "Oldest order that waits to be sent", _oldest_waiting, seconds=True),
)
