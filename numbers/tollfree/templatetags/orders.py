"""Template tags for orders and releases."""

from django import template

from portal.tenants.models import Tenant
from tollfree.inventory.models import OwnedNumber
from tollfree.orders.models import NumberOrder, Release
from tollfree.orders.states import RELEASE_LIVE, OrderState, ReleaseState
from tollfree.orders.timeline import RELEASE_TONES, TONES

register = template.Library()

_MOST_SHOWN = 5


@register.filter
def order_tone(order: NumberOrder) -> str:
    """`{{ order|order_tone }}`: the severity of the order's state."""
    return TONES[OrderState(order.state)]


@register.filter
def release_tone(release: Release) -> str:
    """`{{ release|release_tone }}`: the severity of the release's state."""
    return RELEASE_TONES[ReleaseState(release.state)]


@register.filter
def rule(value: object) -> str:
    """`{{ value|rule }}`: a value of an order policy, as text."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "none" if value is None else str(value)


@register.simple_tag
def orders_of(tenant: Tenant) -> list[NumberOrder]:
    """`{% orders_of tenant as orders %}`: the newest orders of a tenant."""
    return list(NumberOrder.objects.filter(tenant=tenant).order_by("-created_at", "-id")[:_MOST_SHOWN])


@register.simple_tag
def release_of(owned: OwnedNumber) -> Release | None:
    """`{% release_of owned as release %}`: the number's release in progress, or its last one."""
    all_of_it = Release.objects.filter(tenant_id=owned.tenant_id, number=owned.number).order_by("-asked_at")
    return all_of_it.filter(state__in=RELEASE_LIVE).first() or all_of_it.first()
