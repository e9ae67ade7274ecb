"""What of this room waits for people."""

from django.db.models import QuerySet
from django.urls import reverse

from portal.accounts.models import User
from portal.accounts.permission import tenants_within_reach
from portal.accounts.rights import Right
from portal.frame.wording import phone_words
from portal.notices.kinds import Kind, Notice
from portal.tenants.models import Tenant
from tollfree.asking import open_requests
from tollfree.inventory.models import OwnedNumber, Verification
from tollfree.models import NumberRequest


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


def _verifications(user: User) -> QuerySet[OwnedNumber]:
    mine = Tenant.objects.filter(tenants_within_reach(user, Right.MANAGE_NUMBERS), archived_at=None)
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


REQUESTS = Kind("request", "Requests to the representative", rows=_requests, notice=_request)
VERIFICATIONS = Kind("verification", "Verifications that need an answer", rows=_verifications, notice=_verification)
