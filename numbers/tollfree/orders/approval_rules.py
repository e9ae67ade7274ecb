"""Order policy of a tenant: when a second person must approve, and the monthly cap."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError

from portal.accounts.permission import require
from portal.accounts.rights import Right
from portal.audit.actors import Actor
from portal.audit.recording import Target, record
from portal.audit.transactions import atomic
from portal.audit.verbs import Verb
from portal.tenants.actions import refuse_if_archived
from portal.tenants.models import Tenant
from tollfree.orders.models import OrderGroup, OrderPolicy, Release
from tollfree.orders.pricing import currency_code, rate_now

_MOST_NUMBERS = 1_000
_RELEASES, _CAP, _CURRENCY = "approve releases", "monthly cap", "currency of the cap"


def policy_of(tenant: Tenant) -> OrderPolicy:
    """Return the tenant's policy, or the defaults."""
    return OrderPolicy.objects.filter(tenant=tenant).first() or OrderPolicy(tenant=tenant)


@atomic
def set_policy(  # noqa: PLR0913 - the columns of the rules
    actor: Actor,
    tenant: Tenant,
    *,
    approve_from: int,
    approve_releases: bool,
    monthly_cap: Decimal | None,
    monthly_cap_currency: str = "",
    version: int | None = None,
) -> OrderPolicy:
    """Set all of the tenant's rules, which apply to later orders. Raises ValidationError.

    `version` is the version that the user saw: if another user changed the rules since, nothing is set (code
    `changed`). If no currency is given, the cap gets the currency of today's rate. Weaker rules record an additional
    event.
    """
    require(actor, Right.SET_ORDER_POLICY, tenant.pk)
    refuse_if_archived(Tenant.objects.select_for_update(no_key=True).get(pk=tenant.pk))
    policy, before = policy_of(tenant), _facts(policy_of(tenant))
    if version is not None and version != policy.version:
        raise ValidationError("Somebody else changed these rules after you opened this page.", code="changed")
    if not 1 <= approve_from <= _MOST_NUMBERS:
        raise ValidationError({"approve_from": f"Enter a number from 1 (always) to {_MOST_NUMBERS}."})
    if monthly_cap is not None:
        policy.monthly_cap_currency = _currency_of_cap(monthly_cap_currency)
    policy.approve_from, policy.approve_releases, policy.monthly_cap = approve_from, approve_releases, monthly_cap
    policy.clean_fields(exclude={"monthly_cap"} if monthly_cap is None else set())
    if monthly_cap is not None and monthly_cap < 0:
        raise ValidationError({"monthly_cap": "Enter an amount of 0 or more, or leave it empty for no limit."})
    after = _facts(policy)
    if changes := {name: [before[name], after[name]] for name in after if after[name] != before[name]}:
        policy.version += 1
        policy.save()
        target = Target("tenant", str(tenant.pk), tenant.name)
        record(Verb.ORDER_POLICY_SET, target, actor, tenant_id=tenant.pk, changes=changes)
        if weaker := {name: change for name, change in changes.items() if _is_weaker(name, before, after)}:
            record(Verb.ORDER_POLICY_WEAKENED, target, actor, tenant_id=tenant.pk, changes=weaker)
    return policy


def _currency_of_cap(entered: str) -> str:
    rate = rate_now()
    usual = rate.currency if rate else OrderPolicy.USUAL_CURRENCY
    return currency_code("monthly_cap_currency", entered or usual)


def _is_weaker(name: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Return whether this change allows more without a second person, or more spending."""
    old, new = before[name], after[name]
    if name == _CAP:
        return old is not None and (new is None or Decimal(new) > Decimal(old))
    if name == _CURRENCY:  # amounts in different currencies cannot be compared
        return before[_CAP] is not None and after[_CAP] is not None
    return bool(new < old) if name == _RELEASES else bool(new > old)


class OwnRequest(PermissionDenied):
    """A user tried to approve their own order or release; the text is a message for them."""


def refuse_own(actor: Actor, asked: OrderGroup | Release) -> None:
    """Raise OwnRequest if the actor drafted or ordered this, or is not a user."""
    if actor.user_id is None or actor.user_id in {asked.asked_by_id, asked.orderer.user_id}:
        raise OwnRequest("Nobody approves what they asked for themselves: a second person must do it.")


def _facts(policy: OrderPolicy) -> dict[str, Any]:
    cap = None if policy.monthly_cap is None else f"{policy.monthly_cap:.2f}"
    return {
        "approve from": policy.approve_from,
        _RELEASES: policy.approve_releases,
        _CAP: cap,
        _CURRENCY: policy.monthly_cap_currency,
    }
