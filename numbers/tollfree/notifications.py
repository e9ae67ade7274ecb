"""Notification kinds for toll-free numbers: orders, releases, requests and verifications that wait for a person."""

from dataclasses import replace

from django.db.models import QuerySet
from django.urls import reverse

from portal.accounts.models import User
from portal.accounts.permission import tenants_within_reach
from portal.accounts.rights import Right
from portal.notifications.kinds import Kind, Notice
from portal.tenants.models import Tenant
from portal.ui.labels import phone_words
from tollfree.inventory.models import OwnedNumber, Verification
from tollfree.orders.models import NumberOrder, OrderGroup, Release
from tollfree.orders.states import OrderState, ReleaseState
from tollfree.orders.transitions import NoticeKind
from tollfree.requests.actions import open_questions, open_requests, unheard_requests
from tollfree.requests.models import NumberRequest


def _requests(user: User) -> QuerySet[NumberRequest]:
    return open_requests(user).select_related("tenant").order_by("asked_at", "id")


def _request(asked: NumberRequest) -> Notice:
    number = f" {phone_words(asked.number)}" if asked.number else ""
    return Notice(
        f"{asked.get_kind_display()}{number}",
        asked.tenant.name,
        reverse("tollfree:request", args=[asked.pk]),
        asked.asked_at,
        f"Asked by {asked.asked_by_label}.",
    )


def _questions(user: User) -> QuerySet[NumberRequest]:
    return open_questions(user).select_related("tenant").order_by("answered_at", "id")


def _question(asked: NumberRequest) -> Notice:
    sentence = f"{asked.answered_by_label} still needs something. Reply on the page of the request."
    return replace(_request(asked), since=asked.answered_at or asked.asked_at, sentence=sentence)


def _unheard(user: User) -> QuerySet[NumberRequest]:
    return unheard_requests(user).select_related("tenant").order_by("asked_at", "id")


def _nobody(asked: NumberRequest) -> Notice:
    return replace(_request(asked), sentence="Nobody reads it: the tenant has no Genesys representative. Add one.")


def _verifications(user: User) -> QuerySet[OwnedNumber]:
    mine = _tenants(user, Right.MANAGE_NUMBERS)
    waiting = OwnedNumber.objects.filter(tenant__in=mine, verification=Verification.NEEDS_ANSWER, gone_since=None)
    return waiting.filter(released_at=None).select_related("tenant").order_by("verification_at", "id")


def _verification(owned: OwnedNumber) -> Notice:
    return Notice(
        phone_words(owned.number),
        owned.tenant.name,
        reverse("numbers:page", args=[owned.pk]),
        owned.verification_at or owned.first_seen_at,
        "Genesys or the carriers asked something about its verification.",
    )


def _approvals(user: User) -> QuerySet[OrderGroup]:
    """Return groups that this user may approve; nobody approves an order that they drafted or confirmed."""
    mine = _tenants(user, Right.APPROVE_ORDER)
    waiting = NumberOrder.objects.filter(state=OrderState.AWAITING_APPROVAL, tenant__in=mine)
    groups = OrderGroup.objects.filter(pk__in=waiting.values("group_id"))
    groups = groups.exclude(asked_by_id=user.pk).exclude(confirmed_by_id=user.pk)
    return groups.select_related("tenant").order_by("confirmed_at", "id")


def _approval(group: OrderGroup) -> Notice:
    since = group.confirmed_at or group.asked_at
    sentence = f"{group.orderer.label} ordered: {group.cost_accepted}. {group.reason}"
    return Notice("Order to approve", group.tenant.name, reverse("order_group", args=[group.pk]), since, sentence)


def _reviews(user: User) -> QuerySet[NumberOrder]:
    waiting = NumberOrder.objects.filter(state=OrderState.UNDER_REVIEW, tenant__in=_tenants(user, Right.REVIEW_ORDER))
    return waiting.select_related("tenant").order_by("created_at", "id")


def _review(order: NumberOrder) -> Notice:
    page = reverse("order_review", args=[order.pk])
    return Notice(phone_words(order.number), order.tenant.name, page, order.created_at, order.sentence)


def _refused(user: User) -> QuerySet[NumberOrder]:
    """Return refused orders that nobody has acknowledged yet."""
    mine = NumberOrder.objects.filter(state=OrderState.REFUSED, noted_at=None)
    mine = mine.filter(tenant__in=_tenants(user, Right.ORDER_NUMBERS))
    return mine.select_related("tenant").order_by("finished_at", "id")


def _refusal(order: NumberOrder) -> Notice:
    since = order.finished_at or order.created_at
    page = reverse("order", args=[order.pk])
    return Notice(phone_words(order.number), order.tenant.name, page, since, order.sentence)


def _releases(user: User) -> QuerySet[Release]:
    mine = _tenants(user, Right.APPROVE_ORDER)
    waiting = Release.objects.filter(state=ReleaseState.AWAITING_APPROVAL, tenant__in=mine)
    return waiting.exclude(asked_by_id=user.pk).select_related("tenant").order_by("asked_at", "id")


def _release(release: Release) -> Notice:
    sentence = f"{release.asked_by_label} wants to give it back: {release.reason}"
    page = reverse("release", args=[release.pk])
    return Notice(phone_words(release.number), release.tenant.name, page, release.asked_at, sentence)


def _release_reviews(user: User) -> QuerySet[Release]:
    waiting = Release.objects.filter(state=ReleaseState.UNDER_REVIEW, tenant__in=_tenants(user, Right.REVIEW_ORDER))
    return waiting.select_related("tenant").order_by("asked_at", "id")


def _release_review(release: Release) -> Notice:
    page = reverse("release", args=[release.pk])
    return Notice(phone_words(release.number), release.tenant.name, page, release.asked_at, release.sentence)


def _decisions(user: User) -> QuerySet[OrderGroup]:
    """Return the user's own orders whose approval was decided, until the user acknowledges the decision."""
    decided = OrderGroup.objects.filter(decided_at__isnull=False, decision_noted_at=None, confirmed_by_id=user.pk)
    decided = decided.filter(tenant__in=_tenants(user, Right.VIEW_NUMBERS))
    return decided.select_related("tenant").order_by("decided_at", "id")


def _decision(group: OrderGroup) -> Notice:
    word = "declined" if group.decision_reason else "approved"
    sentence = f"{group.decided_by_label} {word} it. {group.decision_reason}".strip()
    since = group.decided_at or group.asked_at
    return Notice(f"Your order was {word}", group.tenant.name, reverse("order_group", args=[group.pk]), since, sentence)


def _release_decisions(user: User) -> QuerySet[Release]:
    decided = Release.objects.filter(decided_at__isnull=False, decision_noted_at=None, asked_by_id=user.pk)
    decided = decided.filter(tenant__in=_tenants(user, Right.VIEW_NUMBERS))
    return decided.select_related("tenant").order_by("decided_at", "id")


def _release_decision(release: Release) -> Notice:
    declined = release.state == ReleaseState.DECLINED
    word = "declined" if declined else "approved"
    sentence = f"{release.decided_by_label} {word} it. {release.sentence if declined else ''}".strip()
    title, page = f"{phone_words(release.number)}: release {word}", reverse("release", args=[release.pk])
    return Notice(title, release.tenant.name, page, release.decided_at or release.asked_at, sentence)


def _tenants(user: User, right: Right) -> QuerySet[Tenant]:
    return Tenant.objects.filter(tenants_within_reach(user, right), archived_at=None)


APPROVALS = Kind(NoticeKind.APPROVAL, "Orders to approve", rows=_approvals, notice=_approval)
REVIEWS = Kind(NoticeKind.REVIEW, "Orders of unknown outcome, to decide", rows=_reviews, notice=_review)
REFUSALS = Kind(NoticeKind.REFUSED, "Refused orders", rows=_refused, notice=_refusal)
RELEASES = Kind(NoticeKind.RELEASE, "Releases to approve", rows=_releases, notice=_release)
RELEASE_REVIEWS = Kind(
    NoticeKind.RELEASE_REVIEW, "Releases of unknown outcome, to decide", rows=_release_reviews, notice=_release_review
)
DECISIONS = Kind(NoticeKind.DECIDED, "Decisions about your orders", rows=_decisions, notice=_decision)
RELEASE_DECISIONS = Kind(
    NoticeKind.RELEASE_DECIDED, "Decisions about your releases", rows=_release_decisions, notice=_release_decision
)
REQUESTS = Kind("request", "Requests to the representative", rows=_requests, notice=_request)
QUESTIONS = Kind("question", "Questions of the representative", rows=_questions, notice=_question)
UNHEARD = Kind("unheard_request", "Requests of tenants without a representative", rows=_unheard, notice=_nobody)
VERIFICATIONS = Kind("verification", "Verifications that need an answer", rows=_verifications, notice=_verification)
KINDS = (
    APPROVALS,
    REVIEWS,
    REFUSALS,
    RELEASES,
    RELEASE_REVIEWS,
    DECISIONS,
    RELEASE_DECISIONS,
    REQUESTS,
    QUESTIONS,
    UNHEARD,
    VERIFICATIONS,
)
