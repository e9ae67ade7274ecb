"""A person sees only their tenants; somebody else's answers exactly like one that does not exist."""

from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from portal.accounts.permission import tenants_within_reach
from portal.accounts.requests import user_of
from portal.tenants.models import Tenant


def tenants_of(request: HttpRequest) -> QuerySet[Tenant]:
    """Return the tenants that the person of this request sees."""
    return Tenant.objects.filter(tenants_within_reach(user_of(request)))


def tenant_or_404(request: HttpRequest, tenant_id: UUID) -> Tenant:
    """Return a tenant that the person sees, or answer 404; the frame shows it as the one at hand."""
    tenant = get_object_or_404(tenants_of(request), pk=tenant_id)
    put_at_hand(request, tenant)
    return tenant


def put_at_hand(request: HttpRequest, tenant: Tenant) -> None:
    """Let the frame show this tenant as the one that the page is about."""
    request.tenant_at_hand = tenant  # type: ignore[attr-defined]  # read by the switcher alone
