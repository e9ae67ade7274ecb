"""The tenant switcher in the frame."""

from django.http import HttpRequest
from django.urls import reverse

from portal.frame.navigation import TenantChoice, TenantSwitcher
from portal.tenants.models import Tenant
from portal.tenants.scope import tenants_of

#: More than these are found on the page of all tenants.
MOST_CHOICES = 8


def switcher(request: HttpRequest) -> TenantSwitcher | None:
    """Return the switcher: the tenant that the page is about, and a few to jump to."""
    at_hand: Tenant | None = getattr(request, "tenant_at_hand", None)
    tenants = tenants_of(request).filter(archived_at=None).order_by("name", "id")[:MOST_CHOICES]
    choices = [_choice(tenant, at_hand) for tenant in tenants]
    return TenantSwitcher(_choice(at_hand, at_hand) if at_hand else None, choices, reverse("tenants:list"))


def _choice(tenant: Tenant, at_hand: Tenant | None) -> TenantChoice:
    return TenantChoice(tenant.name, reverse("tenant", args=[tenant.pk]), str(tenant.ccid), current=tenant == at_hand)
