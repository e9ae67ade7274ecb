"""Tenant scope: people see only their tenants; all others respond exactly like tenants that do not exist."""

from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from portal.accounts.permission import tenants_within_reach
from portal.accounts.requests import user_of
from portal.tenants.models import Tenant

_LATELY = "tenants"
#: Fewer than the switcher shows, so that the other entries keep their positions there.
MOST_REMEMBERED = 4


def tenants_of(request: HttpRequest) -> QuerySet[Tenant]:
    """Return the tenants that the person of this request sees."""
    return Tenant.objects.filter(tenants_within_reach(user_of(request)))


def tenant_or_404(request: HttpRequest, tenant_id: UUID) -> Tenant:
    """Return a tenant that the person sees, or raise Http404; it becomes the current tenant of the page."""
    tenant = get_object_or_404(tenants_of(request), pk=tenant_id)
    set_current_tenant(request, tenant)
    return tenant


def set_current_tenant(request: HttpRequest, tenant: Tenant) -> None:
    """Make this the current tenant of the page, and remember it in the session."""
    request.current_tenant = tenant  # type: ignore[attr-defined]  # read by the switcher alone
    earlier = request.session.get(_LATELY, [])
    if request.method == "GET" and earlier[:1] != [str(tenant.pk)]:
        request.session[_LATELY] = [str(tenant.pk), *(pk for pk in earlier if pk != str(tenant.pk))][:MOST_REMEMBERED]


def recently_viewed(request: HttpRequest) -> list[Tenant]:
    """Return the recently viewed tenants of this session that the person still sees, latest first."""
    remembered = [UUID(pk) for pk in request.session.get(_LATELY, [])]
    found = tenants_of(request).filter(archived_at=None).in_bulk(remembered) if remembered else {}
    return [found[pk] for pk in remembered if pk in found]
