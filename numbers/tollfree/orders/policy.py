"""A tenant's rules for orders: from how many numbers on a second person must approve, and how much it may spend."""

from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Sum

from portal.accounts.permission import require
from portal.accounts.rights import Right
from portal.audit.actors import Actor
from portal.audit.recording import Target, record
from portal.audit.verbs import Verb
from portal.tenants.actions import refuse_if_archived
from portal.tenants.models import Tenant
from tollfree.orders.models import NumberOrder, OrderGroup, OrderPolicy, Release
from tollfree.orders.rates import Cost
from tollfree.orders.states import LIVE, OrderState

_MOST_NUMBERS = 1_000


def policy_of(tenant: Tenant) -> OrderPolicy:
    """Return the tenant's rules, or the defaults."""
    return OrderPolicy.objects.filter(tenant=tenant).first() or OrderPolicy(tenant=tenant)


@transaction.atomic
def set_policy(
    actor: Actor, tenant: Tenant, *, approve_from: int, approve_releases: bool, monthly_cap: Decimal | None
) -> OrderPolicy:
    """Set all of the tenant's rules for orders that come. Raises ValidationError."""
    require(actor, Right.SET_ORDER_POLICY, tenant.pk)
    refuse_if_archived(Tenant.objects.select_for_update(no_key=True).get(pk=tenant.pk))
    if not 1 <= approve_from <= _MOST_NUMBERS:
        raise ValidationError({"approve_from": f"Enter a number from 1 (always) to {_MOST_NUMBERS}."})
    policy, before = policy_of(tenant), _facts(policy_of(tenant))
    policy.approve_from, policy.approve_releases, policy.monthly_cap = approve_from, approve_releases, monthly_cap
    policy.clean_fields(exclude={"monthly_cap"} if monthly_cap is None else set())
    if monthly_cap is not None and monthly_cap < 0:
        raise ValidationError({"monthly_cap": "Enter an amount of 0 or more, or leave it empty for no limit."})
    after = _facts(policy)
    changes = {name: [before[name], after[name]] for name in after if after[name] != before[name]}
    if changes:
        policy.save()
        target = Target("tenant", str(tenant.pk), tenant.name)
        record(Verb.ORDER_POLICY_SET, target, actor, tenant_id=tenant.pk, changes=changes)
    return policy


def refuse_above_cap(policy: OrderPolicy, cost: Cost) -> None:
    """Raise ValidationError if the tenant would spend more than it may; the caller holds the tenant's lock."""
    if policy.monthly_cap is None:
        return
    if cost.monthly is None:
        raise ValidationError(
            "This tenant has a monthly limit for its numbers, and without a rate nobody can say whether it holds. "
            "Have a rate set first; nothing was ordered."
        )
    # A draft holds its number but spends nothing yet.
    live = NumberOrder.objects.filter(tenant_id=policy.tenant_id, state__in=LIVE - {OrderState.DRAFT})
    spent = live.aggregate(sum=Sum("group__monthly"))["sum"] or Decimal(0)
    if spent + cost.count * cost.monthly > policy.monthly_cap:
        raise ValidationError(
            f"This tenant's numbers cost {spent:.2f} {cost.currency} a month already, and may cost "
            f"{policy.monthly_cap:.2f}; with this order they would cost more. Nothing was ordered."
        )


class OwnRequest(PermissionDenied):
    """Somebody would approve what they asked for themselves; its text is a sentence for them."""


def refuse_own(actor: Actor, asked: OrderGroup | Release) -> None:
    """Raise OwnRequest for one's own, and for an approval in nobody's name: it takes a second person."""
    if actor.user_id is None or actor.user_id == asked.asked_by_id:
        raise OwnRequest("Nobody approves what they asked for themselves: a second person must do it.")


def _facts(policy: OrderPolicy) -> dict[str, Any]:
    cap = None if policy.monthly_cap is None else f"{policy.monthly_cap:.2f}"
    return {"approve from": policy.approve_from, "approve releases": policy.approve_releases, "monthly cap": cap}
