"""Tenant switcher in the page layout.

It leads to the same page of the other tenant, if there is one; apps register their pages in `AppConfig.ready`. If not
all tenants fit, recently viewed ones come first.
"""

from collections import Counter
from collections.abc import Callable
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse

from portal.tenants.lookup import names_of
from portal.tenants.models import Tenant
from portal.tenants.scope import recently_viewed, tenants_of
from portal.ui.navigation import TenantChoice, TenantSwitcher

#: If there are more, people use the search.
MOST_CHOICES = 8

Place = Callable[[UUID], str]
_places: dict[str, Place] = {}


def keep(page: str, *below: str) -> None:
    """Lead from `page`, and from the pages `below` it, to `page` of the other tenant; all are URL names."""
    for name in (page, *below):
        _places[name] = lambda tenant_id: reverse(page, args=[tenant_id])


def keep_by_query(page: str) -> None:
    """Lead from a page with an optional filter `?tenant=` to itself, filtered by the other tenant."""
    _places[page] = lambda tenant_id: f"{reverse(page)}?tenant={tenant_id}"


def switcher(request: HttpRequest) -> TenantSwitcher | None:
    """Return the switcher: the current tenant, some choices, and whether there are more."""
    current_tenant: Tenant | None = getattr(request, "current_tenant", None)
    place = _place_of(request)
    mine = tenants_of(request).filter(archived_at=None)
    shown = list(mine.order_by("name", "id")[: MOST_CHOICES + 1])
    if more := len(shown) > MOST_CHOICES:
        lately = recently_viewed(request)
        shown = [*lately, *(tenant for tenant in shown if tenant not in lately)][:MOST_CHOICES]
    times = Counter(tenant.ccid for tenant in shown)
    choices = [_choice(tenant, current_tenant, place, told_apart=times[tenant.ccid] > 1) for tenant in shown]
    current = _choice(current_tenant, current_tenant, place) if current_tenant else None
    return TenantSwitcher(current, choices, reverse("tenants:list"), more)


def _place_of(request: HttpRequest) -> Place:
    name = request.resolver_match.view_name if request.resolver_match else ""
    return _places.get(name, lambda tenant_id: reverse("tenant", args=[tenant_id]))


def _choice(tenant: Tenant, current_tenant: Tenant | None, place: Place, *, told_apart: bool = False) -> TenantChoice:
    hint = names_of([tenant])[0] if told_apart else str(tenant.ccid)
    return TenantChoice(tenant.name, place(tenant.pk), hint, current=tenant == current_tenant)
