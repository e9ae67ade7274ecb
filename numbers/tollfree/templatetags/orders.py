"""How orders and releases look, and what a number's page shows of them."""

from django import template

from portal.tenants.models import Tenant
from tollfree.inventory.models import OwnedNumber
from tollfree.orders.advice import RELEASE_TONES, TONES
from tollfree.orders.models import NumberOrder, Release
from tollfree.orders.states import RELEASE_LIVE, OrderState, ReleaseState

register = template.Library()

_MOST_SHOWN = 5


@register.filter
def order_tone(order: NumberOrder) -> str:
    """`{{ order|order_tone }}`."""
    return TONES[OrderState(order.state)]


@register.filter
def release_tone(release: Release) -> str:
    """`{{ release|release_tone }}`."""
    return RELEASE_TONES[ReleaseState(release.state)]


@register.filter
def rule(value: object) -> str:
    """`{{ value|rule }}`: what a rule for orders says, in words."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "none" if value is None else str(value)


@register.simple_tag
def orders_of(tenant: Tenant) -> list[NumberOrder]:
    """`{% orders_of tenant as orders %}`: the newest ones."""
    return list(NumberOrder.objects.filter(tenant=tenant).order_by("-created_at", "-id")[:_MOST_SHOWN])


@register.simple_tag
def release_of(owned: OwnedNumber) -> Release | None:
    """`{% release_of owned as release %}`: the one that is going on, or the last one."""
    all_of_it = Release.objects.filter(tenant_id=owned.tenant_id, number=owned.number).order_by("-asked_at")
    return all_of_it.filter(state__in=RELEASE_LIVE).first() or all_of_it.first()
