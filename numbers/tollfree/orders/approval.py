"""Approval rules: whether an order needs a second person, by the user's recent orders and the tenant's monthly cap.

A caller that orders afterwards holds the tenant's lock, so that two simultaneous confirmations see each other.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Final
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import Count, Q, Sum
from django.utils import timezone

from portal.audit.actors import Actor
from portal.ui.labels import phone_words
from tollfree.inventory.models import OwnedNumber
from tollfree.orders.models import NumberOrder, OrderGroup, OrderPolicy
from tollfree.orders.pricing import Cost, cost_of, rate_now
from tollfree.orders.states import LIVE, OrderState

#: Numbers that one user orders within this time count together, even if split into several orders.
LATELY: Final = timedelta(hours=24)
#: States of orders that bought nothing, which do not count.
_NOT_ORDERED: Final = frozenset({OrderState.DRAFT, OrderState.CANCELLED, OrderState.DECLINED, OrderState.REFUSED})
#: Live orders except drafts count as spending; an order that waits for approval may be approved at any moment.
_SPENDING: Final = LIVE - {OrderState.DRAFT}


@dataclass(frozen=True)
class Spending:
    """The monthly cost of numbers: a sum per currency, and how many numbers have an unknown cost."""

    sums: Mapping[str, Decimal]
    unknown: int

    def plus(self, cost: Cost) -> "Spending":
        """Return the spending with this cost added."""
        if cost.monthly is None:
            return Spending(self.sums, self.unknown + cost.count)
        sums = defaultdict(Decimal, self.sums)
        sums[cost.currency] += cost.count * cost.monthly
        return Spending(sums, self.unknown)


def why_approval(actor: Actor, policy: OrderPolicy, cost: Cost) -> str:
    """Return why this user's order needs a second person, or an empty string."""
    rule = f"Orders of {policy.approve_from} or more numbers need a second approval"
    if cost.count >= policy.approve_from:
        return f"{rule}."
    lately = ordered_lately(actor, policy.tenant_id)
    if lately + cost.count >= policy.approve_from:
        return f"{rule}. What one person orders within 24 hours counts together: {lately} before this order."
    return _why_cap_unknown(policy, spending_of(policy.tenant_id).plus(cost))


@dataclass(frozen=True)
class ToApprove:
    """What a second person approves: the numbers, today's cost in words, and the orderer."""

    numbers: tuple[str, ...]
    cost: str
    orderer: str

    def changes_to(self, now: "ToApprove") -> list[str]:
        """Return what has changed since this was shown, one sentence per change."""
        gone, more = ({*self.numbers} - {*now.numbers}, {*now.numbers} - {*self.numbers})
        told = [f"{phone_words(number)} does not wait any more: its order ended." for number in sorted(gone)]
        told += [f"{phone_words(number)} waits too." for number in sorted(more)]
        if self.cost != now.cost:
            told.append(f"It costs {now.cost} now, and not {self.cost}.")
        if self.orderer != now.orderer:
            told.append(f"It is the order of {now.orderer}, and not of {self.orderer}.")
        return told


def to_approve(group: OrderGroup) -> ToApprove:
    """Return what waits for approval now."""
    waiting = group.orders.filter(state=OrderState.AWAITING_APPROVAL).order_by("number")
    numbers = tuple(waiting.values_list("number", flat=True))
    return ToApprove(numbers, cost_of(len(numbers), rate_now()).words, group.orderer.label)


def ordered_lately(actor: Actor, tenant_id: UUID) -> int:
    """Return how many numbers this user recently ordered for the tenant; orders that bought nothing do not count."""
    since = timezone.now() - LATELY
    orders = NumberOrder.objects.filter(tenant_id=tenant_id, group__confirmed_at__gt=since)
    return orders.filter(_ordered_by(actor)).exclude(state__in=_NOT_ORDERED).count()


def _ordered_by(actor: Actor) -> Q:
    """Return a filter for who confirmed; all orders from the command line without a user count as one orderer's."""
    if actor.user_id is not None:
        return Q(group__confirmed_by=actor.user_id)
    return Q(group__confirmed_by=None, group__confirmed_by_kind=actor.kind)


def spending_of(tenant_id: UUID, *, without: OrderGroup | None = None) -> Spending:
    """Return the monthly cost of the tenant's numbers, except those of the group `without`.

    Numbers that were not ordered here count too, with unknown cost.
    """
    live = NumberOrder.objects.filter(tenant_id=tenant_id, state__in=_SPENDING)
    numbers = live.values("number")
    if without is not None:
        live = live.exclude(group=without)
    sums: dict[str, Decimal] = {}
    unknown = 0
    rows = live.values("group__currency").annotate(
        sum=Sum("group__monthly"), known=Count("group__monthly"), all=Count("pk")
    )
    for row in rows:
        unknown += row["all"] - row["known"]
        if row["known"]:
            sums[row["group__currency"]] = row["sum"]
    others = OwnedNumber.objects.filter(tenant_id=tenant_id, gone_since=None, released_at=None)
    return Spending(sums, unknown + others.exclude(number__in=numbers).count())


def refuse_above_cap(policy: OrderPolicy, cost: Cost, *, without: OrderGroup | None = None) -> None:
    """Raise ValidationError if the order would exceed the tenant's monthly cap.

    Numbers of unknown cost count at today's rate if it has the cap's currency, because they are not free.
    """
    if policy.monthly_cap is None:
        return
    before = spending_of(policy.tenant_id, without=without)
    spent, after = (_in_currency_of_cap(policy, spending, cost) for spending in (before, before.plus(cost)))
    if after > policy.monthly_cap:
        unknown = f", {before.unknown} of unknown cost counted at today's rate" if before.unknown else ""
        raise ValidationError(
            f"This tenant's numbers cost {spent:.2f} {policy.monthly_cap_currency} a month already{unknown}, and may "
            f"cost {policy.monthly_cap:.2f} {policy.monthly_cap_currency}; with this order they would cost more. "
            "Nothing was ordered."
        )


def _in_currency_of_cap(policy: OrderPolicy, spending: Spending, today: Cost) -> Decimal:
    """Return the minimum spending in the cap's currency; other currencies are never added."""
    known = spending.sums.get(policy.monthly_cap_currency, Decimal(0))
    if today.monthly is None or today.currency != policy.monthly_cap_currency:
        return known
    return known + spending.unknown * today.monthly


def _why_cap_unknown(policy: OrderPolicy, spending: Spending) -> str:
    """Return why it is unknown whether the cap is kept, or an empty string if it is kept or there is no cap."""
    if policy.monthly_cap is None:
        return ""
    sums = sorted(spending.sums.items())
    others = [f"{amount:.2f} {code}" for code, amount in sums if amount and code != policy.monthly_cap_currency]
    reasons = [f"{spending.unknown} of its numbers have a cost that is not known"] if spending.unknown else []
    reasons += [f"some cost {' and '.join(others)}"] if others else []
    if not reasons:
        return ""
    cap = f"{policy.monthly_cap:.2f} {policy.monthly_cap_currency}"
    return (
        f"Nobody can say whether this tenant's limit of {cap} a month holds: {', and '.join(reasons)}. "
        "So a second person must approve."
    )
